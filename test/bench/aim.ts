// Says what an aim is: something wanted, beside what was measured of it.

export interface Aim {
  readonly what: string;
  readonly aim: string;
  readonly measured: string;
  readonly met: boolean;
}
