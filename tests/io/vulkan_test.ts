import { assertEquals } from "@std/assert";
import { adapterAdvice, canInstallVulkan, type Machine, parseRelease } from "../../lib/io/vulkan.ts";

const debian = parseRelease(`PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n`);
const machine = (release: Machine["release"], root: boolean): Machine => ({ os: "linux", release, root });

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
  assertEquals(canInstallVulkan({ os: "darwin", release: {}, root: true }), false);
});

Deno.test("everybody else is told the exact command of the distribution", () => {
  const install = "install a Vulkan loader and driver: ";
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
    adapterAdvice({ os: "darwin", release: {}, root: false }),
    "install your graphics card's current driver",
  );
});
