import Glibc

/// An open descriptor that is closed with the last reference to it.
package final class Descriptor: Sendable {
    package let number: Int32

    /// Takes over an open descriptor.
    package init(adopting number: Int32) { self.number = number }

    deinit { close(number) }
}
