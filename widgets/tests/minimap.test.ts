import { expect, test } from "vitest";
import { events } from "./fixtures";
import { allByRole, byRole, pass, press, show, useStage } from "./page";

useStage();

const NAME = "Time in sight";

test("the minimap is there once not all is in sight, and its window is moved by keys", async () => {
  const { root } = await show(events("plain"));
  expect(allByRole(root, "slider", NAME)).toEqual([]);
  press(byRole(root, "listbox", "Contributions"), "+");
  await pass(300);
  const strip = byRole(root, "slider", NAME);
  const now = () => Number(strip.getAttribute("aria-valuenow"));
  press(strip, "Home");
  await pass(50);
  expect(now()).toBe(0);
  expect(strip.getAttribute("aria-valuetext")).toMatch(/^0\.0 s to [\d.]+ s of [\d.]+ s$/);
  press(strip, "ArrowRight");
  await pass(50);
  const moved = now();
  expect(moved).toBeGreaterThan(0);
  press(strip, "End");
  await pass(50);
  expect(now()).toBeGreaterThan(moved);
  press(strip, "0");
  await pass(600);
  expect(allByRole(root, "slider", NAME)).toEqual([]);
});
