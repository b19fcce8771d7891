// The studio surface: one component over a session, and its stylesheet.

export { css } from "./css";
export { Surface } from "./Surface";
