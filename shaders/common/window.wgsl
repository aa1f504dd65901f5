// From a value, as its distance from a whole number near the window's dark end, to the display value 0 to 1.

const RAMP = 0u;
const STEP = 1u;
const SIGMOID = 2u;

fn display_value(distance: f32, function: u32, residual: f32, gain: f32) -> f32 {
    let d = (distance - residual) * gain;
    if function == STEP {
        return select(0.0, 1.0, d > 0.0);
    }
    if function == SIGMOID {
        return 1.0 / (1.0 + exp(clamp(-4.0 * d, -80.0, 80.0)));
    }
    return clamp(d, 0.0, 1.0);
}
