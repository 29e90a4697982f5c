// Starts what needs a script, once the page stands.

unpack().then((data) => {
  findings(data).start();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}).catch((error) => {
  const says = "The list of findings could not be read in this browser; what is open is told above.";
  byId("findings").append(h("p", { role: "alert" }, `${says} (${error.message})`));
});
