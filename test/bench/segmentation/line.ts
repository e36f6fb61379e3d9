// Fits a straight line by least squares, and says how much of what was measured it explains.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** The share of the variance of y that the line explains: 1 when every point lies on it. */
  readonly rSquared: number;
}

export function fitLine(points: readonly Point[]): Line {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const sum = (of: (point: Point) => number) => points.reduce((total, point) => total + of(point), 0);
  const slope = sum((point) => (point.x - x) * (point.y - y)) / sum((point) => (point.x - x) ** 2);
  const intercept = y - slope * x;
  const left = sum((point) => (point.y - intercept - slope * point.x) ** 2);
  return { slope, intercept, rSquared: 1 - left / sum((point) => (point.y - y) ** 2) };
}
