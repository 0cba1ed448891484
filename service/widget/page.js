// What the first page does besides the element: it copies, it chooses at once, and it shows what was asked.

document.documentElement.classList.add("scripted");
const element = document.querySelector("tarih-timeline");

document.querySelector(".chooser select")?.addEventListener("change", (event) => event.target.form.requestSubmit());

for (const part of document.querySelectorAll(".copied")) {
  const button = part.querySelector("button");
  const text = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(part.querySelector("pre").textContent);
    button.textContent = document.documentElement.lang === "tr" ? "Kopyalandı" : "Copied";
    setTimeout(() => (button.textContent = text), 2000);
  });
}

const curl = (address) => `curl '${address.replace(/'/g, "%27")}'`;
const put = (id, text) => (document.querySelector(`#${id} pre`).textContent = text);

// As the API writes a point of a comparison: valid[@known[@reported]].
const written = (point) => [point.valid_at, point.known_position || point.known_at, point.reported_by].map((part) => part || "").join("@").replace(/@+$/, "");

element?.addEventListener("tarih-change", ({ detail }) => {
  const timeline = new URL(detail.addresses[1]);
  timeline.searchParams.delete("limit");
  const here = timeline.pathname.replace(/\/timeline$/, "");
  const state = new URL(timeline);
  state.pathname = here;
  for (const name of ["type", "actor", "platform", "from", "to"]) state.searchParams.delete(name);
  const text = (url) => decodeURIComponent(url.href).replace(/ /g, "%20");
  put("curl-answers", curl(text(state)));
  put("curl-timeline", curl(text(timeline)));
  document.querySelector("#since").hidden = !detail.between;
  if (detail.between) {
    const [from, to] = detail.between.map((point) => written({ ...point, valid_at: point.valid_at || detail.as_of.valid_at.slice(0, 10) }));
    put("curl-changes", curl(`${timeline.origin}${here}/changes?from=${from}&to=${to}`));
  }
  for (const link of document.querySelectorAll("[data-format]")) {
    link.href = here + link.dataset.format + (link.dataset.format === "/timemap" ? "" : timeline.search);
  }
});
