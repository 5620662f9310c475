// A small service in the place of one that is not written: healthy while everybody whose address it was handed lives.
const http = require('http');

const addresses = Object.entries(process.env).filter(([, value]) => value.startsWith('http://'));

function asked([name, address]) {
  return new Promise((resolve, reject) => {
    const request = http.get(address + '/live', { timeout: 3000 }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve(name); else reject(new Error(`${name} answers ${answer.statusCode}`));
    });
    request.on('timeout', () => request.destroy(new Error(`${name} is silent`)));
    request.on('error', reject);
  });
}

let count = 0;
http.createServer(async (request, answer) => {
  count += 1;
  if (request.url === '/metrics') {
    answer.setHeader('Content-Type', 'text/plain; version=0.0.4');
    answer.end(`http_requests_total{status="200"} ${count}\n`);
    return;
  }
  if (request.url !== '/health') {
    answer.end('ok\n');
    return;
  }
  try {
    await Promise.all(addresses.map(asked));
    answer.end('ok\n');
  } catch (error) {
    console.error(JSON.stringify({ severity: 'ERROR', message: String(error) }));
    answer.statusCode = 503;
    answer.end(String(error));
  }
}).listen(8080);

process.on('SIGTERM', () => process.exit(0));
