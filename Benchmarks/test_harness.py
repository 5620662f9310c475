"""The harness must see what goes wrong: a benchmark that counts no failure proves nothing.

    python3 -m unittest discover -s Benchmarks

Part of `make check`; a few seconds.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import compare_release
import measure
import switches
from measure import Figure, Load, Request, World


class LoadTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.world = World("", pathlib.Path(cls.folder.name), sys.executable)
        cls.service = cls.world.compiled("service")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def started(self, **environment) -> tuple[subprocess.Popen, int]:
        (port,) = measure.free_ports(1)
        process = subprocess.Popen([self.service, str(port)], env=dict(os.environ) | environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        measure.wait_for_port(port, process)
        return process, port

    def test_a_well_behaved_service_loses_nothing_when_it_is_asked_to_end_between_two_requests(self):
        process, port = self.started(RELEASE="7")
        load = Load(self.world, [f"{port}/x"], 500, log=True, seconds=0.5)
        result = load.result()
        requests = load.requests()
        self.assertEqual((result["failed"], result["unsent"]), (0, 0))
        self.assertEqual({(each.status, each.release, each.failed) for each in requests}, {(200, 7, False)})
        self.assertGreater(len(requests), 200)
        process.terminate()
        self.assertEqual(process.wait(5), 0)

    def test_a_killed_service_is_seen_by_clients_that_keep_their_connection_and_by_others(self):
        for close in (False, True):
            process, port = self.started(DELAY_MS="20")
            load = Load(self.world, [f"{port}/x"], 400, log=True, close=close)
            time.sleep(0.3)
            process.kill()
            time.sleep(0.2)
            result = load.stop()
            self.assertGreater(result["failures"]["connect"], 20, close)
            self.assertGreater(result["failures"]["unanswered"], 0, close)
            self.assertGreater(compare_release.dark(load.requests(), 0), 0.1)

    def test_an_answer_500_has_failed(self):
        _, port = self.started(FAIL="100")
        result = Load(self.world, [f"{port}/x"], 200, seconds=0.2).result()
        self.assertEqual(result["failures"]["status"], result["requests"])

    def test_a_stall_is_in_the_latency_of_every_request_that_it_delayed(self):
        process, port = self.started()
        load = Load(self.world, [f"{port}/x"], 200, connections=2, seconds=1)
        time.sleep(0.3)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.4)
        process.send_signal(signal.SIGCONT)
        result = load.result()
        # 0.4 of a second of 1 s were dark: the 90th percentile lies in it, though only two connections waited.
        self.assertGreater(result["latency_ms"]["p90"], 200)
        self.assertLess(result["uncorrected_ms"]["p90"], 200)


class VerdictTests(unittest.TestCase):
    def request(self, sent: float, release: int, failed: bool = False) -> Request:
        return Request(sent, sent, sent + 0.05, 200, release, 0, failed)

    def test_an_answer_of_the_old_release_after_one_of_the_new_is_stale(self):
        clean = [self.request(0, 1), self.request(1, 1), self.request(1.01, 2), self.request(2, 2)]
        self.assertEqual(switches.in_order(clean, [1, 2])["stale"], 0)
        self.assertEqual(switches.in_order([*clean, self.request(3, 1)], [1, 2])["stale"], 1)

    def test_an_answer_of_a_returned_release_is_stale_and_its_exposure_is_measured(self):
        clean = [self.request(0, 1), self.request(1, 9), self.request(3, 9), self.request(4, 1), self.request(5, 1)]
        seen = switches.in_order(clean, [1, 9, 1])
        self.assertEqual(seen["stale"], 0)
        self.assertAlmostEqual(seen["exposed"], 2)
        self.assertEqual(switches.in_order([*clean, self.request(6, 9)], [1, 9, 1])["stale"], 1)

    def test_a_service_is_dark_from_a_failed_request_to_the_next_that_is_answered(self):
        requests = [self.request(0, 1), self.request(1, 1, True), self.request(2, 1, True), self.request(4, 1)]
        self.assertEqual(compare_release.dark(requests, 0), 3)

    def test_a_goal_of_none_is_missed_by_one(self):
        self.assertTrue(Figure("n", 0, None, "requests", "-", goal=0).met)
        self.assertFalse(Figure("n", 1, None, "requests", "-", goal=0).met)
        self.assertFalse(Figure("n", 69, 100, "r/s", "-", "more", 0.7, goal_is_ratio=True).met)


if __name__ == "__main__":
    unittest.main()
