import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ByteReader } from "../../../lib/io/jupyter/byte_reader.ts";
import { parseMessage, request } from "../../../lib/io/jupyter/message.ts";
import { greeting, message, ready } from "../../../lib/io/jupyter/zmtp_frames.ts";
import { ZmtpSocket } from "../../../lib/io/jupyter/zmtp.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("greetings and commands have the bytes of ZMTP 3.0", () => {
  assertEquals(greeting().toHex(), `ff00000000000000007f0300${"4e554c4c".padEnd(104, "0")}`);
  assertEquals(ready("SUB").toHex(), `0419${"05"}5245414459${"0b"}536f636b65742d54797065${"00000003"}535542`);
});

Deno.test("all parts of a message but the last announce another one, and long parts have lengths of eight bytes", () => {
  assertEquals(message([bytes("a"), bytes(""), bytes("bc")]).toHex(), "0101610100" + "00026263");
  const [short, long] = [new Uint8Array(255), new Uint8Array(256)];
  assertEquals(message([short]).subarray(0, 2).toHex(), "00ff");
  assertEquals(message([long, short]).subarray(0, 9).toHex(), "030000000000000100");
});

Deno.test("a reader returns exact numbers of bytes, however few come at a time", async () => {
  const rest = [...bytes("abcdefg")];
  const reader = new ByteReader({
    read(block) {
      const part = rest.splice(0, 2);
      block.set(part);
      return Promise.resolve(part.length || null);
    },
  });
  const text = async (count: number) => new TextDecoder().decode(await reader.read(count));
  assertEquals([await text(1), await text(4), await text(0), await text(2)], ["a", "bcde", "", "fg"]);
  await assertRejects(() => reader.read(1), Deno.errors.UnexpectedEof);
});

Deno.test("a message is read back, and one that was signed with another key or changed is refused", () => {
  const session = { id: "s", key: "secret" };
  const { id, parts } = request(session, "execute_request", { code: "é" });
  const { parent: _, ...read } = parseMessage(session, [bytes("identity"), ...parts]);
  assertEquals(read, { type: "execute_request", id, content: { code: "é" } });
  assertThrows(() => parseMessage({ ...session, key: "other" }, parts), Error, "signed with its key");
  assertThrows(() => parseMessage(session, parts.with(5, bytes('{"code":"e"}'))), Error, "signed with its key");
  assertThrows(() => parseMessage(session, [bytes("nothing")]), Error, "must be a message of Jupyter");
});

Deno.test("signatures are those of the protocol", () => {
  // printf '{}{}{}{}' | openssl dgst -sha256 -hmac key
  const signature = "ca767b02c5bc061ed184a9a029e7f93a7f2f7ed4e8fe74120fc1212f0b008fa3";
  const parts = ["<IDS|MSG>", signature, "{}", "{}", "{}", "{}"].map(bytes);
  assertEquals(parseMessage({ id: "s", key: "key" }, parts).content, {});
});

Deno.test("a socket talks to a peer that answers what it gets, and refuses one of another protocol", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const echo = (async () => {
    using peer = await listener.accept();
    const reader = new ByteReader(peer);
    await peer.write(greeting());
    await reader.read(64);
    await peer.write(ready("DEALER"));
    const sent = message([bytes("a"), new Uint8Array(70_000)]);
    await reader.read(ready("DEALER").length);
    const received = await reader.read(sent.length);
    for (let done = 0; done < received.length;) done += await peer.write(received.subarray(done));
  })();
  using socket = await ZmtpSocket.connect(port, "DEALER");
  await socket.send([bytes("a"), new Uint8Array(70_000)]);
  assertEquals((await socket.receive()).map(({ length }) => length), [1, 70_000]);
  await echo;
  const http = (async () => {
    using peer = await listener.accept();
    await peer.write(bytes("HTTP/1.1 200 OK\r\n".padEnd(64)));
  })();
  await assertRejects(() => ZmtpSocket.connect(port, "DEALER"), Error, "must speak ZMTP 3");
  await http;
});
