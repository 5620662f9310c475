/// Numbers that are unlikely to repeat, for request and trace ids: one seed from the system, then arithmetic.
///
/// An id per request from the system's generator costs a system call. Not for secrets.
struct IdentitySource {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64; never 0, which trace ids may not be.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        value ^= value >> 31
        return value == 0 ? 1 : value
    }
}
