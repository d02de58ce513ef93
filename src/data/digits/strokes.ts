/** Pen strokes to grey pixels: smooth curves through points, and ink by distance to the curve. */

/** A piece of a drawn line in pixel coordinates: from (x0, y0) to (x1, y1). */
export interface Segment {
  /** Where it begins. */
  readonly x0: number;
  /** Where it begins. */
  readonly y0: number;
  /** Where it ends. */
  readonly x1: number;
  /** Where it ends. */
  readonly y1: number;
}

/** A point of a stroke, and whether the pen turns sharply there. */
export interface CurvePoint {
  /** In pixels, to the right. */
  readonly x: number;
  /** In pixels, downwards. */
  readonly y: number;
  /** Whether the pen turns sharply. */
  readonly corner: boolean;
}

/** Straight pieces per stretch of curve between two neighbouring points. */
const piecesPerStretch = 5;

/** Pixels over which the ink fades from full to none at the edge of the line. */
const edge = 1.5;

/**
 * The Catmull-Rom curve through `points` as short straight segments. At a corner, and at both ends,
 * the curve has one-sided tangents, so it turns sharply there.
 */
export function curveThrough(points: readonly CurvePoint[]): Segment[] {
  const segments: Segment[] = [];
  for (let i = 0; i + 1 < points.length; i++) {
    const from = points[i];
    const to = points[i + 1];
    const before = i === 0 || from.corner ? from : points[i - 1];
    const after = i + 2 === points.length || to.corner ? to : points[i + 2];
    let x0 = from.x;
    let y0 = from.y;
    for (let piece = 1; piece <= piecesPerStretch; piece++) {
      const t = piece / piecesPerStretch;
      const x1 = catmullRom(before.x, from.x, to.x, after.x, t);
      const y1 = catmullRom(before.y, from.y, to.y, after.y, t);
      segments.push({ x0, y0, x1, y1 });
      x0 = x1;
      y0 = y1;
    }
  }
  return segments;
}

/** The curve that passes b at t = 0 and c at t = 1, with slopes (c - a)/2 and (d - b)/2. */
function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  const slopeB = (c - a) / 2;
  const slopeC = (d - b) / 2;
  const rise = c - b;
  return b + t * (slopeB + t * (3 * rise - 2 * slopeB - slopeC + t * (slopeB + slopeC - 2 * rise)));
}

/**
 * Draws `segments` into the square image `pixels` (side*side, row-major, 0 paper to 255 ink), where
 * pixel (row r, column c) has its centre at x = c, y = r. `width` is the line's width in pixels.
 * Where lines overlap the darker one counts.
 */
export function drawLine(
  pixels: Uint8Array,
  side: number,
  segments: readonly Segment[],
  width: number,
): void {
  const reach = (width + edge) / 2;
  for (const { x0, y0, x1, y1 } of segments) {
    const dx = x1 - x0;
    const dy = y1 - y0;
    const lengthSquared = dx * dx + dy * dy;
    const scale = lengthSquared > 0 ? 1 / lengthSquared : 0;
    const firstColumn = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
    const lastColumn = Math.min(side - 1, Math.floor(Math.max(x0, x1) + reach));
    const firstRow = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
    const lastRow = Math.min(side - 1, Math.floor(Math.max(y0, y1) + reach));
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const along = ((column - x0) * dx + (row - y0) * dy) * scale;
        const t = Math.max(0, Math.min(1, along));
        const awayX = column - x0 - t * dx;
        const awayY = row - y0 - t * dy;
        const inside = reach - Math.sqrt(awayX * awayX + awayY * awayY);
        if (inside <= 0) continue;
        const ink = inside >= edge ? 255 : Math.round((255 * inside) / edge);
        const place = row * side + column;
        if (ink > pixels[place]) pixels[place] = ink;
      }
    }
  }
}
