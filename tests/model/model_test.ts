import { assertEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Model } from "../../lib/model/model.ts";
import { countParameters } from "../../lib/model/parameters.ts";
import { largeParameters, smallNeoX } from "./small_neox.ts";

const parameters = largeParameters(smallNeoX);
for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  Deno.test(`a model gives back the parameters that it was made of, in their order (${kind})`, async () => {
    using model = await Model.create(device, smallNeoX, parameters, { version: "1.0" });
    assertEquals([...await model.parameters()], [...parameters]);
    assertEquals(model.tokenizerJson, { version: "1.0" });
  });

  Deno.test(`a model takes the bytes of its padded parameters and returns them when it is disposed of (${kind})`, async () => {
    const { bytes } = device.counters;
    {
      using model = await Model.create(device, smallNeoX, parameters);
      assertEquals(device.counters.bytes - bytes, model.store.bytes);
      assertEquals(model.store.bytes, 4 * model.pages.sizes.reduce((sum, size) => sum + size, 0));
      assertEquals(model.store.bytes > 4 * countParameters(smallNeoX), true);
    }
    assertEquals(device.counters.bytes, bytes);
  });

  Deno.test(`a parameter that is missing or of another size is named, and nothing stays allocated (${kind})`, async () => {
    const { bytes } = device.counters;
    const name = "gpt_neox.layers.1.attention.query_key_value.bias";
    const create = (values?: Float32Array<ArrayBuffer>) => {
      const changed = new Map(parameters);
      changed.delete(name);
      if (values) changed.set(name, values);
      return Model.create(device, smallNeoX, changed);
    };
    await assertRejects(create, RangeError, `Cannot set parameters of '${name}': it must have 72 values, found none`);
    await assertRejects(() => create(new Float32Array(71)), RangeError, "it must have 72 values, found 71");
    await assertRejects(
      () => Model.create(device, { ...smallNeoX, heads: 5 }, parameters),
      RangeError,
      "'heads' must be a divisor of 'width' = 24, found 5",
    );
    assertEquals(device.counters.bytes, bytes);
  });
}
