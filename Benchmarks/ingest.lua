-- Sends the lines of a file as bodies of `POST /api/v2/alerts`, in turn and again. Prints what it saw as JSON.
--     wrk … -s ingest.lua URL -- FILE
local requests = {}
local sent = 0

function init(arguments)
    local fields = { ["Content-Type"] = "application/json" }
    for line in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("POST", "/api/v2/alerts", fields, line)
    end
end

function request()
    sent = sent + 1
    return requests[(sent - 1) % #requests + 1]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "seconds": %f, "errors": %d, "p50": %f, "p99": %f}\n',
        summary.requests, summary.duration / 1e6,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
