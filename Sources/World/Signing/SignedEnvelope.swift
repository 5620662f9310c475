import FoundationEssentials

/// A payload with signatures over it and over what it is: DSSE 1.0
/// (<https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md>).
package struct SignedEnvelope: Sendable, Hashable {
    package struct Signature: Sendable, Hashable {
        /// Which key it may be of; nobody vouches for it.
        package var keyID: String?
        package var bytes: [UInt8]
    }

    package let payloadType: String
    package let payload: [UInt8]
    package let signatures: [Signature]

    /// - Throws: `WorldError`
    package init(signing payload: [UInt8], as payloadType: String, with key: SigningKey) throws {
        self.payload = payload
        self.payloadType = payloadType
        do {
            let bytes = try key.signature(of: Self.encoding(payloadType, payload))
            signatures = [Signature(keyID: key.verifying.id, bytes: bytes)]
        } catch {
            throw WorldError(code: "signing-failed", operation: "sign", underlying: "\(error)")
        }
    }

    /// - Returns: `nil` for anything but an envelope.
    package init?(parsing bytes: [UInt8]) {
        guard let value = JSONValue(parsing: bytes), let type = value["payloadType"]?.string,
            let payload = value["payload"]?.string.flatMap(Self.decoded), case .array(let items)? = value["signatures"]
        else { return nil }
        var signatures: [Signature] = []
        for item in items {
            guard let signature = item["sig"]?.string.flatMap(Self.decoded) else { return nil }
            signatures.append(Signature(keyID: item["keyid"]?.string, bytes: signature))
        }
        payloadType = type
        self.payload = payload
        self.signatures = signatures
    }

    /// Whether one of its signatures is the key's.
    package func isSigned(by key: VerifyingKey) -> Bool {
        let encoding = Self.encoding(payloadType, payload)
        return signatures.contains { key.isValid($0.bytes, of: encoding) }
    }

    /// What is signed: `PAE(type, body)`, lengths in bytes.
    package static func encoding(_ payloadType: String, _ payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }

    package var json: String {
        let signed = signatures.map { signature -> JSONValue in
            var members: [JSONValue.Member] = signature.keyID.map { [.init("keyid", .string($0))] } ?? []
            members.append(.init("sig", .string(Data(signature.bytes).base64EncodedString())))
            return .object(members)
        }
        let whole = JSONValue.object([
            .init("payload", .string(Data(payload).base64EncodedString())),
            .init("payloadType", .string(payloadType)), .init("signatures", .array(signed)),
        ])
        return whole.text + "\n"
    }

    /// Either alphabet of RFC 4648 is to be taken.
    private static func decoded(_ text: String) -> [UInt8]? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: padded).map { Array($0) }
    }
}
