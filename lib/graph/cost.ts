/** Work for profiles and for honest cost tables. */
export interface Cost {
  /** Floating-point operations; a multiply and an add count two. */
  readonly flops: number;
  /** Bytes read and written if every operand is touched once. */
  readonly bytes: number;
}
