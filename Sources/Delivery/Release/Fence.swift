/// The number of the lease under which the present task works.
///
/// Each taking of the lease has a greater one. Who is asked to change something remembers the greatest that it saw and refuses
/// smaller ones: so a holder that stood still while another took over does no harm between two looks at the journal.
package enum Fence {
    /// Nil outside of releases: what people ask for by hand is not fenced.
    @TaskLocal package static var current: Int?
}
