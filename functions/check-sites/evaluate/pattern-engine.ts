import { RE2JS } from "re2js";
import { usePatternEngine } from "./pattern.ts";

/** Imported for its effect: patterns are compiled where they are read. The function itself does not import it. */
usePatternEngine(RE2JS);
