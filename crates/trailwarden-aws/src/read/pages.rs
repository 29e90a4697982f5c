//! Paging: until AWS gives no token. Empty pages with a token are normal.

use crate::gap::Failure;

/// All items of all pages. `page` takes the token of the page and returns its items and the next token.
pub(crate) async fn all<T, F>(mut page: impl FnMut(Option<String>) -> F) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), Failure>>,
{
    let mut items = Vec::new();
    let mut token = None;
    loop {
        let (more, next) = page(token.clone()).await?;
        items.extend(more);
        let next = next.filter(|next| !next.is_empty());
        if next.is_none() || next == token {
            return Ok(items);
        }
        token = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_empty_page_with_a_token_does_not_end_the_list() {
        let page = |token: Option<String>| async move {
            Ok(match token.as_deref() {
                None => (vec![1], Some("a".to_owned())),
                Some("a") => (vec![], Some("b".to_owned())),
                _ => (vec![2], Some(String::new())),
            })
        };
        assert_eq!(all(page).await.unwrap(), [1, 2]);
    }
}
