import type { Channel } from "@laurel/contract";

export const channelWords: Record<Channel["kind"], string> = {
  instagram: "Instagram",
  tiktok: "TikTok",
  youtube: "YouTube",
  twitch: "Twitch",
  x: "X",
  facebook: "Facebook",
  pinterest: "Pinterest",
  linkedin: "LinkedIn",
  blog: "Blog",
  podcast: "Podcast",
  newsletter: "Newsletter",
  community: "Community",
  other: "Other",
};

const profiles: Partial<Record<Channel["kind"], (handle: string) => string>> = {
  instagram: (handle) => `https://www.instagram.com/${handle}`,
  tiktok: (handle) => `https://www.tiktok.com/@${handle}`,
  youtube: (handle) => `https://www.youtube.com/@${handle}`,
  twitch: (handle) => `https://www.twitch.tv/${handle}`,
  x: (handle) => `https://x.com/${handle}`,
  pinterest: (handle) => `https://www.pinterest.com/${handle}`,
};

/**
 * Where a channel is to be seen: the address the applicant gave if it is http(s), else the platform's profile page of
 * a plain handle. Undefined where neither is safe to link.
 */
export function channelHref(channel: {
  kind: Channel["kind"];
  handle?: string | undefined;
  url?: string | undefined;
}): string | undefined {
  if (channel.url) {
    try {
      const url = new URL(channel.url);
      return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
    } catch {
      return undefined;
    }
  }
  const handle = channel.handle?.trim().replace(/^@/, "") ?? "";
  return /^[\w.-]{1,60}$/.test(handle) ? profiles[channel.kind]?.(handle) : undefined;
}
