// What imapflow is used for: PORT USER PASSWORD. Ends with an error when anything is not as it should be.
const { ImapFlow } = require('imapflow');
const assert = require('assert');
const [port, user, pass] = process.argv.slice(2);
const connect = async () => {
  const client = new ImapFlow({ host: '127.0.0.1', port: Number(port), secure: false, tls: { rejectUnauthorized: false }, auth: { user, pass }, logger: false });
  await client.connect();
  return client;
};
const until = async (ready) => {
  for (let i = 0; i < 400 && !ready(); i++) await new Promise((go) => setTimeout(go, 50));
  assert(ready(), 'it did not come');
};
(async () => {
  const one = await connect();
  const two = await connect();
  assert(one.authenticated && one.usable);
  for (const word of ['IDLE', 'CONDSTORE', 'MOVE', 'UIDPLUS', 'ESEARCH']) assert(one.capabilities.has(word), word);
  const folders = await one.list();
  assert.strictEqual(folders.find((folder) => folder.specialUse === '\\Sent').path, 'Sent');
  await one.mailboxCreate(['案件', '見積り']);
  const path = '案件/見積り';
  const put = (n) => one.append(path, `From: x@b.example\r\nSubject: =?UTF-8?B?5Lu2?= ${n}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\ntext ${n}\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxiCg==\r\n--b--\r\n`, ['\\Seen'], new Date('2026-06-01T10:00:00Z'));
  const first = await put(1);
  assert.strictEqual(first.uid, 1);
  const lock = await one.getMailboxLock(path);
  const other = await two.getMailboxLock(path);
  let exists = 0, flags = 0, expunged = 0;
  two.on('exists', () => exists++);
  two.on('flags', () => flags++);
  two.on('expunge', () => expunged++);
  two.idle();
  await put(2);
  await until(() => exists > 0);
  const seen = [];
  for await (const mail of one.fetch('1:*', { uid: true, flags: true, envelope: true, bodyStructure: true, size: true, internalDate: true, threadId: true, labels: true, source: true })) {
    assert.strictEqual(mail.envelope.subject, `件 ${mail.seq}`);
    assert.strictEqual(mail.source.length, mail.size);
    assert.strictEqual(mail.bodyStructure.childNodes[1].dispositionParameters.filename, 'a.csv');
    assert.strictEqual(mail.internalDate.toISOString(), '2026-06-01T10:00:00.000Z');
    assert(mail.flags.has('\\Seen') && mail.emailId, 'flags and EMAILID');
    seen.push(mail.uid);
  }
  assert.deepStrictEqual(seen, [1, 2]);
  const part = await one.download('1', '2', { uid: true });
  const chunks = [];
  for await (const chunk of part.content) chunks.push(chunk);
  assert.strictEqual(Buffer.concat(chunks).toString(), 'a,b\n');
  assert.deepStrictEqual(await one.search({ subject: '件', since: new Date('2020-01-01') }, { uid: true }), [1, 2]);
  await one.messageFlagsAdd('1', ['\\Flagged'], { uid: true });
  await until(() => flags > 0);
  const moved = await one.messageMove('2', 'Archive', { uid: true });
  assert(moved.uidMap.get(2) > 0);
  await one.messageDelete('1', { uid: true });
  await until(() => expunged >= 2);
  assert.strictEqual((await one.status(path, { messages: true, uidNext: true, highestModseq: true })).messages, 0);
  assert((await one.getQuota(path)).storage.usage >= 0);
  lock.release();
  other.release();
  await two.logout();
  await one.mailboxClose();
  await one.mailboxDelete(path);
  await one.logout();
  console.log('well');
})().catch((error) => { console.error(error, error.response || ''); process.exit(1); });
