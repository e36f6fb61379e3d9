import { expect, test } from "vitest";
import { NO_AXES, type StoreAxes, storePlaces } from "./scorecard-ranks.ts";

const makeStore = (storeId: string, axes: Partial<StoreAxes>, regionId = "north") => ({
  storeId,
  regionId,
  axes: { ...NO_AXES, ...axes },
});

test("a score is the mean of the percentile ranks inside the region on the axes that a store has", () => {
  const places = storePlaces([
    makeStore("a", { repeatRate: 0.5, averageOrder: 900, rating: 4.5 }),
    makeStore("b", { repeatRate: 0.5, averageOrder: 700 }),
    makeStore("c", { repeatRate: 0.1, averageOrder: 800, rating: 3 }),
    makeStore("far", { repeatRate: 0.9, averageOrder: 9000 }, "south"),
  ]);
  // Repeat: a and b share the upper places, (1 + 1/2) / 2. Average: 2, 0 and 1 stores below. Rating: a above c.
  expect(places.get("a")).toEqual({ score: (75 + 100 + 100) / 3, rank: 1, ranked: 3 });
  expect(places.get("b")).toEqual({ score: (75 + 0) / 2, rank: 2, ranked: 3 });
  expect(places.get("c")).toEqual({ score: (0 + 50 + 0) / 3, rank: 3, ranked: 3 });
});

test("a store alone in its region, or one of which nothing is known, has no place", () => {
  const places = storePlaces([
    makeStore("alone", { repeatRate: 0.9, rating: 5 }, "south"),
    makeStore("new", {}),
    makeStore("a", { averageOrder: 10 }),
    makeStore("b", { averageOrder: 20 }),
  ]);
  expect(places.get("alone")).toEqual({ score: null, rank: null, ranked: 0 });
  expect(places.get("new")).toEqual({ score: null, rank: null, ranked: 2 });
  expect(places.get("b")).toEqual({ score: 100, rank: 1, ranked: 2 });
});

test("stores of equal score share a place, and the next one comes after both", () => {
  const places = storePlaces([
    makeStore("a", { rating: 4, repeatRate: 0.2 }),
    makeStore("b", { rating: 2, repeatRate: 0.4 }),
    makeStore("c", { rating: 1, repeatRate: 0.1 }),
  ]);
  expect(["a", "b", "c"].map((id) => places.get(id)?.rank)).toEqual([1, 1, 3]);
});
