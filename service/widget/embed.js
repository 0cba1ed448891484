// Tells the framing page how high this one is, as AMP and as pym.js are told; it says nothing else, and to anyone.

const id = new URLSearchParams(location.search).get("childId") || "";
let told = 0;

function tell() {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  if (parent === window || height === told) return;
  told = height;
  parent.postMessage({ sentinel: "amp", type: "embed-size", height }, "*");
  parent.postMessage(["pym", id, "height", height].join("xPYMx"), "*");
}

new ResizeObserver(tell).observe(document.documentElement);

// pym.js asks by telling the width that it gives.
addEventListener("message", (event) => {
  if (typeof event.data === "string" && event.data.startsWith(`pymxPYMx${id}xPYMxwidthxPYMx`)) {
    told = 0;
    tell();
  }
});
