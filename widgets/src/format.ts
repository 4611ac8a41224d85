/** Numbers as people read them. */

/** `2100` is `2.1 s`. */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
}

/** How long something took: as `seconds`, or `12 ms` where that would be nothing. */
export function lasted(ms: number): string {
  return ms < 50 ? `${Math.max(0, Math.round(ms))} ms` : seconds(ms);
}

/** A time on the ruler, as exact as the distance between two ticks: `0.25 s`, `12 s`, `1:20`. */
export function tickLabel(ms: number, step: number): string {
  if (step < 1000) {
    const digits = step < 10 ? 3 : step < 100 ? 2 : 1;
    return `${(ms / 1000).toFixed(digits)} s`;
  }
  const whole = Math.round(ms / 1000);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** USD, as exact as it needs to be: `$0.00042`, `$1.20`. */
export function dollars(cost: number): string {
  if (cost === 0) return "$0";
  if (cost >= 1) return `$${cost.toFixed(2)}`;
  return `$${cost.toFixed(Math.min(8, 1 - Math.floor(Math.log10(cost))))}`;
}

/** `12345` is `12,345`, the same on every machine. */
export function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `coder`, `coder and docs`, `coder, docs and editor`. */
export function listed(names: readonly string[]): string {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join();
}

/** `1 part`, `2 parts`. */
export function many(number: number, thing: string): string {
  return `${count(number)} ${thing}${number === 1 ? "" : "s"}`;
}

/** JSON with a line for each field, where it is some. */
export function laidOut(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
