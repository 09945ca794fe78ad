/**
 * What a machine without a WebGPU adapter lacks, and how it gets it: on Linux a Vulkan loader and, where NVIDIA's driver
 * is there, the libraries that it loads, else Mesa's drivers, one of which runs on the CPU.
 *
 * @module
 */

import { installPackages } from "./apt.ts";

/** What decides how an adapter is had: the operating system, its distribution, its drivers and the user. */
export interface Machine {
  /** The operating system's name, as `Deno.build.os` gives it. */
  readonly os: string;
  /** The fields of os-release(5); empty off Linux. */
  readonly release: Readonly<Record<string, string>>;
  /** Whether NVIDIA's driver runs. */
  readonly nvidia: boolean;
  /** Whether the user may install packages. */
  readonly root: boolean;
}

/** A way to a Vulkan driver: what NVIDIA's needs where there is no desktop that brought it, or Mesa's drivers. */
type VulkanWay = "nvidia" | "mesa";

interface Way {
  /** What is installed, in words. */
  readonly what: string;
  /** Advice for a distribution that is not known. */
  readonly general: string;
  readonly packages: Readonly<Record<string, string>>;
}

const WAYS: Readonly<Record<VulkanWay, Way>> = {
  nvidia: {
    what: "a Vulkan loader and the libraries that NVIDIA's driver loads",
    general:
      "install your distribution's Vulkan loader and its libEGL.so.1 and libGLX.so.0, which NVIDIA's driver loads",
    packages: {
      debian: "libvulkan1 libegl1 libgl1",
      fedora: "vulkan-loader libglvnd-egl libglvnd-glx",
      arch: "vulkan-icd-loader libglvnd",
      suse: "libvulkan1 libglvnd",
    },
  },
  mesa: {
    what: "a Vulkan loader and Mesa's drivers",
    general: "install your distribution's Vulkan loader and Mesa's Vulkan drivers (lavapipe)",
    packages: {
      debian: "libvulkan1 mesa-vulkan-drivers",
      fedora: "vulkan-loader mesa-vulkan-drivers",
      arch: "vulkan-icd-loader vulkan-swrast",
      suse: "libvulkan1 libvulkan_lvp",
    },
  },
};

/** The commands that precede the names of packages, of each family of distributions. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  debian: ["apt-get update", "apt-get install -y"],
  fedora: ["dnf install -y"],
  arch: ["pacman -S --needed"],
  suse: ["zypper install -y"],
};

/** Parses os-release(5) into its fields, without their quotes. */
export function parseRelease(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=(["']?)(.*)\2$/gm)].map(([, name, , value]) => [name!, value!]),
  );
}

/**
 * Describes the machine that this process runs on.
 *
 * @param folder Where the root of its file system is. @default {""}
 */
export function thisMachine(folder = ""): Machine {
  const release = `${folder}/etc/os-release`;
  return {
    os: Deno.build.os,
    release: exists(release) ? parseRelease(Deno.readTextFileSync(release)) : {},
    nvidia: ["/dev/nvidia0", "/proc/driver/nvidia/version"].some((path) => exists(folder + path)),
    root: Deno.uid() === 0,
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function family({ release }: Machine): string | undefined {
  const names = [release["ID"], ...(release["ID_LIKE"] ?? "").split(" ")];
  return Object.keys(COMMANDS).find((name) => names.includes(name));
}

/**
 * Lists the ways to an adapter, the best first. NVIDIA's driver may have come without its Vulkan part, as in containers
 * that are only meant to compute.
 */
function ways({ nvidia }: Machine): VulkanWay[] {
  return nvidia ? ["nvidia", "mesa"] : ["mesa"];
}

/** Says how the machine's user gets a WebGPU adapter, as the end of a sentence: the exact command where it is known. */
export function adapterAdvice(machine: Machine): string {
  if (machine.os !== "linux") return "install your graphics card's current driver";
  const [first, other] = ways(machine).map((way) => WAYS[way]) as [Way, Way?];
  const known = family(machine);
  const more = other && known ? `; if there still is none, ${other.packages[known]} too` : "";
  return adviceOf(machine, first, known) + more;
}

function adviceOf({ root }: Machine, { what, general, packages }: Way, known: string | undefined): string {
  if (known === undefined) return general;
  const commands = COMMANDS[known]!.map((part) => root ? part : `sudo ${part}`).join(" && ");
  return `install ${what}: ${commands} ${packages[known]}`;
}

/**
 * Says of a machine whose GPU is left out how that comes to be used, as {@linkcode adapterAdvice} does: NVIDIA's driver
 * runs, and the only adapter is a software one.
 *
 * @returns Nothing where no GPU is known to be left out.
 */
export function unusedGpuAdvice(machine: Machine, adapter: "hardware" | "software"): string | undefined {
  if (!machine.nvidia || adapter === "hardware" || machine.os !== "linux") return undefined;
  return `NVIDIA's driver runs, but Vulkan does not find it; ${adviceOf(machine, WAYS.nvidia, family(machine))}`;
}

/** Reports whether {@linkcode installVulkan} can do what {@linkcode adapterAdvice} says. */
export function canInstallVulkan(machine: Machine): boolean {
  return machine.os === "linux" && machine.root && family(machine) === "debian";
}

/**
 * Installs a Vulkan loader and what {@linkcode adapterAdvice} names, and looks for an adapter; where NVIDIA's driver
 * gives none, Mesa's are installed too. Those come from Debian's backports where they can be had, as a newer Mesa's
 * software Vulkan is faster.
 *
 * @param look Returns what there is to say of the adapter, if there is one.
 * @param say Is told what is about to be installed.
 * @returns What `look` said.
 * @throws {Error} If apt-get fails.
 */
export function installVulkan(
  machine: Machine,
  look: () => string | undefined,
  say: (what: string) => void,
): string | undefined {
  const { ID, VERSION_CODENAME } = machine.release;
  for (const way of ways(machine)) {
    const { what, packages } = WAYS[way];
    say(what);
    installPackages(packages["debian"]!.split(" "), way === "mesa" && ID === "debian" ? VERSION_CODENAME : undefined);
    const found = look();
    if (found !== undefined) return found;
  }
}
