import { assertEquals } from "@std/assert";
import {
  adapterAdvice,
  canInstallVulkan,
  installVulkan,
  type Machine,
  parseRelease,
  thisMachine,
  unusedGpuAdvice,
} from "../../lib/io/vulkan.ts";
import { withAptGet } from "./apt_get.ts";

const debian = parseRelease(`PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n`);
const machine = (release: Machine["release"], root: boolean, nvidia = false): Machine => (
  { os: "linux", release, nvidia, root }
);

Deno.test("os-release fields lose their quotes", () => {
  assertEquals(debian, {
    PRETTY_NAME: "Debian GNU/Linux 12 (bookworm)",
    VERSION_CODENAME: "bookworm",
    ID: "debian",
  });
});

Deno.test("only root on a Debian-like system installs by itself", () => {
  assertEquals(canInstallVulkan(machine(debian, true)), true);
  assertEquals(canInstallVulkan(machine({ ID: "linuxmint", ID_LIKE: "ubuntu debian" }, true)), true);
  assertEquals(canInstallVulkan(machine(debian, false)), false);
  assertEquals(canInstallVulkan(machine({ ID: "fedora" }, true)), false);
  assertEquals(canInstallVulkan({ os: "darwin", release: {}, nvidia: false, root: true }), false);
});

Deno.test("everybody else is told the exact command of the distribution", () => {
  const install = "install a Vulkan loader and Mesa's drivers: ";
  assertEquals(
    adapterAdvice(machine(debian, false)),
    `${install}sudo apt-get update && sudo apt-get install -y libvulkan1 mesa-vulkan-drivers`,
  );
  assertEquals(
    adapterAdvice(machine({ ID: "rocky", ID_LIKE: "rhel centos fedora" }, true)),
    `${install}dnf install -y vulkan-loader mesa-vulkan-drivers`,
  );
  assertEquals(
    adapterAdvice(machine({ ID: "opensuse-leap", ID_LIKE: "suse opensuse" }, false)),
    `${install}sudo zypper install -y libvulkan1 libvulkan_lvp`,
  );
  assertEquals(
    adapterAdvice({ os: "darwin", release: {}, nvidia: false, root: false }),
    "install your graphics card's current driver",
  );
});

Deno.test("where NVIDIA's driver runs, the advice is what that loads, and other drivers only if that is not enough", () => {
  const install = "install a Vulkan loader and the libraries that NVIDIA's driver loads: ";
  const advice = (release: Machine["release"], root: boolean) => adapterAdvice(machine(release, root, true));
  const more = "; if there still is none, ";
  assertEquals(
    advice(debian, true),
    `${install}apt-get update && apt-get install -y libvulkan1 libegl1 libgl1${more}libvulkan1 mesa-vulkan-drivers too`,
  );
  assertEquals(
    advice({ ID: "fedora" }, false),
    `${install}sudo dnf install -y vulkan-loader libglvnd-egl libglvnd-glx${more}vulkan-loader mesa-vulkan-drivers too`,
  );
  assertEquals(
    advice({ ID: "other" }, true),
    "install your distribution's Vulkan loader and its libEGL.so.1 and libGLX.so.0, which NVIDIA's driver loads",
  );
});

Deno.test("a software adapter beside NVIDIA's driver is told how the GPU comes to be used, and no other", () => {
  assertEquals(
    unusedGpuAdvice(machine(debian, false, true), "software"),
    "NVIDIA's driver runs, but Vulkan does not find it; install a Vulkan loader and the libraries that NVIDIA's driver " +
      "loads: sudo apt-get update && sudo apt-get install -y libvulkan1 libegl1 libgl1",
  );
  assertEquals(unusedGpuAdvice(machine(debian, false, true), "hardware"), undefined);
  assertEquals(unusedGpuAdvice(machine(debian, false, false), "software"), undefined);
  assertEquals(unusedGpuAdvice({ ...machine({}, false, true), os: "windows" }, "software"), undefined);
});

for (const path of ["dev/nvidia0", "proc/driver/nvidia/version"]) {
  Deno.test(`NVIDIA's driver is known by /${path}`, () => {
    const folder = Deno.makeTempDirSync();
    try {
      assertEquals(thisMachine(folder), { ...thisMachine(folder), release: {}, nvidia: false });
      Deno.mkdirSync(`${folder}/${path}`, { recursive: true });
      Deno.mkdirSync(`${folder}/etc`);
      Deno.writeTextFileSync(`${folder}/etc/os-release`, "ID=debian\n");
      assertEquals(thisMachine(folder), { ...thisMachine(folder), release: { ID: "debian" }, nvidia: true });
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

/** What is installed until an adapter is found, which is when so many packages are there. */
function installed(machine: Machine, enough: number) {
  const said: string[] = [];
  let found: string | undefined;
  const calls = withAptGet("", (folder) => {
    const packages = () => Deno.readTextFileSync(`${folder}/calls`).match(/\b(lib|mesa)\S+/g)!.length;
    found = installVulkan(machine, () => packages() >= enough ? "an adapter" : undefined, (what) => said.push(what));
  });
  const packages = calls.flatMap((call) => / (?:lib|mesa).*/.exec(call)?.[0].trim() ?? []);
  return { packages, said, found };
}

const [nvidiaPackages, mesaPackages] = ["libvulkan1 libegl1 libgl1", "libvulkan1 mesa-vulkan-drivers"];
const [nvidiaWords, mesaWords] = [
  "a Vulkan loader and the libraries that NVIDIA's driver loads",
  "a Vulkan loader and Mesa's drivers",
];

Deno.test("setup installs what the advice names, and nothing more once there is an adapter", () => {
  assertEquals(installed(machine({ ID: "ubuntu" }, true), 1), {
    ...{ packages: [mesaPackages], said: [mesaWords], found: "an adapter" },
  });
  assertEquals(installed(machine({ ID: "ubuntu" }, true, true), 1), {
    ...{ packages: [nvidiaPackages], said: [nvidiaWords], found: "an adapter" },
  });
});

Deno.test("where NVIDIA's driver has no part for Vulkan, setup goes on to Mesa's, and ends where that gives none", () => {
  const both = { packages: [nvidiaPackages, mesaPackages], said: [nvidiaWords, mesaWords] };
  assertEquals(installed(machine({ ID: "ubuntu" }, true, true), 5), { ...both, found: "an adapter" });
  assertEquals(installed(machine({ ID: "ubuntu" }, true, true), 6), { ...both, found: undefined });
});
