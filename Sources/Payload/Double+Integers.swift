extension Double {
    /// The number as an integer, if it has no fraction and fits.
    ///
    /// `Int64(exactly:)` and `rounded()` would call `trunc` of the C mathematics library, with which nothing else
    /// here has to be linked: a release build that imports only this module would fail to link.
    var exactInteger: Int64? {
        guard self >= -0x1p63, self < 0x1p63 else { return nil }
        let truncated = Int64(self)
        return Double(truncated) == self ? truncated : nil
    }

    /// The integer modulo 2^64 that a finite number outside the range of `Int64` is; so large a double has no
    /// fraction.
    var lowest64Bits: UInt64 {
        let significand = significandBitPattern | 1 << 52
        let shift = Int(exponent) - 52
        let magnitude = shift < 64 ? significand << UInt64(shift) : 0
        return self < 0 ? 0 &- magnitude : magnitude
    }
}
