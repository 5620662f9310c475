import Testing
import World

@Suite("What PostgreSQL keeps instead of a password")
struct ScramVerifierTests {
    /// The password and the salt of RFC 7677, 3; its proofs are those of these keys.
    @Test("the keys are those of the standard's example")
    func example() throws {
        let salt: [UInt8] = [
            0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e, 0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81,
        ]
        let verifier = ScramVerifier(of: Secret("pencil"), salt: salt)
        #expect(
            verifier.description
                == "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
                + "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")
    }

    @Test("two of one password differ")
    func salted() {
        #expect(
            ScramVerifier(of: Secret("pencil"), iterations: 1) != ScramVerifier(of: Secret("pencil"), iterations: 1))
    }
}
