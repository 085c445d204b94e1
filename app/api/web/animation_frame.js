/**
 * Returns a function that calls `draw` at most once per animation frame.
 * @param {() => void} draw
 * @returns {() => void}
 */
export function oncePerFrame(draw) {
  let requested = 0;
  return () => {
    if (requested !== 0) return;
    requested = requestAnimationFrame(() => {
      requested = 0;
      draw();
    });
  };
}
