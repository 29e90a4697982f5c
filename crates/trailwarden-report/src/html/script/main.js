// Starts what needs a script, once the page stands.

/** On paper nothing is folded. */
function unfold() {
  const folded = () => document.querySelectorAll("details:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => { opened = [...folded()]; opened.forEach((one) => { one.open = true; }); });
  addEventListener("afterprint", () => opened.forEach((one) => { one.open = false; }));
}

unfold();
unpack().then((data) => {
  const list = findings(data);
  list.start();
  heat(data, list);
  coverage(data);
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}).catch((error) => {
  const says = "The list of findings could not be read in this browser; what is open is told above.";
  byId("findings").append(h("p", { role: "alert" }, `${says} (${error.message})`));
});
