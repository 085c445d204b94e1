/**
 * Draws at most once a frame, whatever happens in between.
 * @param {() => void} draw
 * @returns {() => void} asks for a drawing
 */
export function conflated(draw) {
  let asked = 0;
  return () => {
    if (asked !== 0) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      draw();
    });
  };
}
