/**
 * Words that suit anybody and any brand, for names that give no code. None ends in I or O, which would be taken for the
 * digit beside it; a test checks each with every offer.
 */
export const friendlyWords: readonly string[] =
  "SUNNY MAPLE CLOVER MEADOW WILLOW BREEZE EMBER HAZEL POPPY SPARROW PEBBLE ORCHARD JUNIPER SAFFRON AMBER CORAL DAISY ROBIN WREN COMET LANTERN MERRY JOLLY GOLDEN SUMMER RIVER BLOSSOM CEDAR FERN MARIGOLD HARVEST SUNRISE RAINBOW STARRY COSY".split(
    " ",
  );
