// Figures of a range of days against those of another, and the lines of charts.
import { z } from "zod";
import { change, comparedFields, dayRange, isCompared } from "./insights-ranges.ts";
import { day, moneyCurrency, slug } from "./values.ts";

/** Every movement of points in a range is read: a quarter of a million members is a million of them. */
export const POINTS_DAYS_MAX = 92;

export const overviewQuery = z
  .strictObject(comparedFields)
  .refine(isCompared, { path: ["until"], params: { code: "invalid_value" } });

export const overview = z.strictObject({
  range: dayRange,
  compared: dayRange,
  money: moneyCurrency,
  figures: z.strictObject({
    /** Money kept: paid less refunded, in minor units. */
    revenue: change,
    orders: change,
    /** Members with an order. */
    buyers: change,
    ordersPerBuyer: change,
    averageOrder: change,
    /** Buyers who had never ordered before the range, in any store. */
    newBuyers: change,
    /** Buyers who had. */
    repeatBuyers: change,
    /** Buyers who came back in the range after they had been lost. */
    wonBackBuyers: change,
    /** New buyers whom another member had brought. */
    wordOfMouthBuyers: change,
    /** Members enrolled in the range. */
    enrolled: change,
    /** Of the buyers, those whose only order ever is in the range. */
    oneTimeBuyerRate: change,
    /** Of the new buyers, those who came on a second day of the range. */
    secondPurchaseRate: change,
  }),
  /** Points given less taken back, and spent less restored, by currency; null where a range is over POINTS_DAYS_MAX. */
  points: z.array(z.strictObject({ currency: slug, given: change, spent: change })).nullable(),
  /** How much of the change of revenue each factor made; they sum to it. Null when a factor was zero. */
  drivers: z
    .array(z.strictObject({ name: z.enum(["buyers", "ordersPerBuyer", "averageOrder"]), effect: z.number() }))
    .nullable(),
});

export const seriesMetric = z.enum([
  "revenue",
  "orders",
  "buyers",
  "averageOrder",
  "newBuyers",
  "enrolled",
  "pointsGiven",
  "pointsSpent",
]);
export const seriesStep = z.enum(["day", "week", "month"]);

export const seriesQuery = z
  .strictObject({
    metric: seriesMetric,
    by: seriesStep.default("day"),
    /** Of the points that are asked for. */
    currency: slug.optional(),
    ...comparedFields,
  })
  .refine(isCompared, { path: ["until"], params: { code: "invalid_value" } })
  .refine(({ metric, currency }) => !metric.startsWith("points") || currency !== undefined, {
    path: ["currency"],
    params: { code: "missing_field" },
  });

export const series = z.strictObject({
  metric: seriesMetric,
  by: seriesStep,
  range: dayRange,
  compared: dayRange,
  /** The first day of each step, its value, and the step as far into the other range; null where one range is over. */
  points: z.array(
    z.strictObject({
      day: day.nullable(),
      value: z.number().nullable(),
      comparedDay: day.nullable(),
      comparedValue: z.number().nullable(),
    }),
  ),
});

export type Overview = z.output<typeof overview>;
export type Series = z.output<typeof series>;
export type SeriesMetric = z.output<typeof seriesMetric>;
export type SeriesStep = z.output<typeof seriesStep>;
