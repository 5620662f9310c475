/// Something that is kept by its kind and id, and whose text only its owner reads: an account, a key, a session.
package struct Record: Sendable, Hashable {
    package struct Key: Sendable, Hashable {
        package var kind: String
        package var id: String

        package init(kind: String, id: String) {
            self.kind = kind
            self.id = id
        }
    }

    package var key: Key
    /// JSON.
    package var body: String

    package init(kind: String, id: String, body: String) {
        key = Key(kind: kind, id: id)
        self.body = body
    }
}
