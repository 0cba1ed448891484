// What comes while it is looked at: events as they are recorded, and tomorrow.

import { DAY } from "./marks.js";

// Many events may come at once.
const TOGETHER = 150;

export class Following {
  // Of the relationship at that address, from that position on.
  constructor(address, position, news) {
    const soon = () => {
      clearTimeout(this.coming);
      this.coming = setTimeout(news, TOGETHER);
    };
    const [, ledger, relationship] = /^(.*)\/relationships\/([^/]+)$/.exec(address) || [];
    if (!ledger) return;
    this.stream = new EventSource(`${ledger}/events?relationship=${relationship}&after=${position}`);
    this.stream.addEventListener("event", soon);
    this.midnight = setTimeout(soon, DAY - (Date.now() % DAY) + 1000);
  }

  end() {
    this.stream?.close();
    clearTimeout(this.midnight);
    clearTimeout(this.coming);
  }
}
