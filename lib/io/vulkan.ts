/**
 * What a machine without a WebGPU adapter lacks, and how it gets it: on Linux a Vulkan loader and Mesa's drivers, one
 * of which runs on the CPU.
 *
 * @module
 */

import { installPackages } from "./apt.ts";

/** What decides how an adapter is had: the operating system, its distribution and the user. */
export interface Machine {
  /** The operating system's name, as `Deno.build.os` gives it. */
  readonly os: string;
  /** The fields of os-release(5); empty off Linux. */
  readonly release: Readonly<Record<string, string>>;
  /** Whether the user may install packages. */
  readonly root: boolean;
}

const packages = ["libvulkan1", "mesa-vulkan-drivers"];

const commands: Readonly<Record<string, readonly string[]>> = {
  debian: ["apt-get update", `apt-get install -y ${packages.join(" ")}`],
  fedora: ["dnf install -y vulkan-loader mesa-vulkan-drivers"],
  arch: ["pacman -S --needed vulkan-icd-loader vulkan-swrast"],
  suse: ["zypper install -y libvulkan1 libvulkan_lvp"],
};

/** Parses os-release(5) into its fields, without their quotes. */
export function parseRelease(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=(["']?)(.*)\2$/gm)].map(([, name, , value]) => [name!, value!]),
  );
}

/** Describes the machine that this process runs on. */
export function thisMachine(): Machine {
  const { os } = Deno.build;
  return { os, release: os === "linux" ? readRelease() : {}, root: Deno.uid() === 0 };
}

function readRelease(): Record<string, string> {
  try {
    return parseRelease(Deno.readTextFileSync("/etc/os-release"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

function family({ release }: Machine): string | undefined {
  const names = [release["ID"], ...(release["ID_LIKE"] ?? "").split(" ")];
  return Object.keys(commands).find((name) => names.includes(name));
}

/** Says how the machine's user gets a WebGPU adapter, as the end of a sentence: the exact command where it is known. */
export function adapterAdvice(machine: Machine): string {
  if (machine.os !== "linux") return "install your graphics card's current driver";
  const known = commands[family(machine) ?? ""];
  if (!known) return "install your distribution's Vulkan loader and Mesa's Vulkan drivers (lavapipe)";
  const command = known.map((part) => machine.root ? part : `sudo ${part}`).join(" && ");
  return `install a Vulkan loader and driver: ${command}`;
}

/** Reports whether {@linkcode installVulkan} can do what {@linkcode adapterAdvice} says. */
export function canInstallVulkan(machine: Machine): boolean {
  return machine.os === "linux" && machine.root && family(machine) === "debian";
}

/**
 * Installs the Vulkan loader and Mesa's drivers; takes Debian's backports where they can be had, as a newer Mesa's
 * software Vulkan is faster.
 *
 * @throws {Error} If apt-get fails.
 */
export function installVulkan({ release }: Machine): void {
  installPackages(packages, release["ID"] === "debian" ? release["VERSION_CODENAME"] : undefined);
}
