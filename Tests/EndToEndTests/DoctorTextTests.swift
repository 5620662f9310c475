import Planning
import Spec
import Testing
import hauban

@Suite("What the doctor prints")
struct DoctorTextTests {
    @Test("rows with their marks, then the mends, then one sentence")
    func text() {
        let facts = MachineFacts(
            programs: ["git": "2.39.5", "redis-server": "7.0.15"], postgresMajors: [15],
            state: .init(path: "/var/lib/hauban", freeBytes: 20 << 30), runtime: .init(path: "/tmp"))
        var dev = DoctorSubject(target: .local)
        dev.title = "dev (local)"
        dev.stacks = [.python]
        dev.postgresMajors = [15]
        dev.hasRedis = true
        var prod = DoctorSubject(target: .docker)
        prod.title = "prod (docker)"
        let examination = Examination.of(facts, asked: [dev], others: [prod])
        let text = DoctorText.lines(examination, asked: ["dev (local)"]).joined(separator: "\n")
        #expect(
            text == """
                   NEED            FOUND                                    FOR
                ✓  kernel          Linux 6.1                                dev (local)
                ✓  /proc           mounted                                  dev (local)
                ✓  open files      1024                                     dev (local)
                ✓  state folder    /var/lib/hauban, 20 GiB free             dev (local), prod (docker)
                ✓  runtime folder  /tmp                                     dev (local)
                ✓  port            8080 is free                             dev (local)
                ✓  clock           set                                      dev (local), prod (docker)
                ✓  git             2.39.5                                   dev (local), prod (docker)
                ✗  Python          `python3` is not on PATH                 dev (local)
                ✓  PostgreSQL 15   there                                    dev (local)
                ✓  Redis           7.0.15                                   dev (local)
                –  Docker Engine   no engine answers                        prod (docker)

                To mend:
                  Python: apt-get install python3 python3-venv

                Only for what was not asked about:
                  Docker Engine: apt-get install docker.io

                dev (local): 1 thing is lacking.
                """)
    }
}
