// Strips of rows summed column by column: sums[strip] is the sum of its rows. With NORMALISED each value is first
// multiplied by (x - mean) * rstd; with ACCUMULATE sums are on top of what `sums` holds.
struct Shape {
  rows: u32,
  width: u32, // in Vec
  strip: u32, // rows in a strip
}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> dy: array<Vec>;
@group(0) @binding(2) var<storage, read> x: array<Vec>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> rstd: array<f32>;
@group(0) @binding(5) var<storage, read_write> sums: array<Vec>;

fn store(strip: u32, column: u32, sum: Vec) {
  let i = strip * shape.width + column;
  if (ACCUMULATE) {
    sums[i] += sum;
  } else {
    sums[i] = sum;
  }
}

