// What the element says, in the languages of words.json, and dates that the service gave, in words.

import WORDS from "../words.json" with { type: "json" };

// Where words are that do not come with the first module; what joins the modules knows.
const ELSEWHERE = {};

// Whether they are there, or there are none.
export async function learn(lang) {
  const language = lang.split("-")[0];
  try {
    if (!WORDS[language] && ELSEWHERE[language]) WORDS[language] = (await import(ELSEWHERE[language])).default;
    return true;
  } catch {
    ELSEWHERE[language] += "?";
    return false;
  }
}

// A text with its gaps filled; of two with | between them the first one is for one thing.
export function fill(text, ...values) {
  const [one, many] = text.split("|");
  return (values[0] === 1 ? one : many || one).replace(/\{\}/g, () => values.shift());
}

// A name of a vocabulary that ledgers may add to, such as "constructor", in words or as it is.
export function worded(table, name) {
  return Object.hasOwn(table, name) ? table[name] : name.replace(/[_-]/g, " ");
}

export class Saying {
  constructor(lang) {
    const language = lang.split("-")[0];
    this.lang = lang;
    this.words = WORDS[language] || WORDS.en;
    const day = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
    const locale = WORDS[language] ? lang : "en";
    this._day = new Intl.DateTimeFormat(locale, day);
    this._short = new Intl.DateTimeFormat(locale, { ...day, month: "short" });
    this._time = new Intl.DateTimeFormat(locale, { ...day, month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  }

  day(text) {
    return this._day.format(new Date(text.slice(0, 10)));
  }

  short(text) {
    // A date stays on one line.
    return /^\d{4}-\d\d-\d\d/.test(text) ? this._short.format(new Date(text.slice(0, 10))).replace(/ /g, "\u00a0") : text;
  }

  time(text) {
    return text.length > 10 ? `${this._time.format(new Date(text))} UTC` : this.day(text);
  }

  type(name) {
    return worded(this.words.types, name);
  }

  quantity(amount) {
    if (!amount) return "";
    const { low, best, high, unit } = amount;
    let text = best ?? (low === high ? low : high === undefined ? `≥ ${low}` : `${low ?? 0}–${high}`);
    if (low !== undefined && high !== undefined && low !== high) text = `${low}–${high}`;
    return `${text}${unit ? ` ${unit}` : ""}`;
  }
}
