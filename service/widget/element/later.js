// What comes beside the first module: the tools, and the words of other languages than English.

let tries = "";

// The class, or nothing where it cannot be had; asked again, browsers must not take the failure for the answer.
export async function toolsOf() {
  try {
    const { Tools } = await import("./tools.js");
    return Tools;
  } catch {
    tries += "?";
    return undefined;
  }
}
