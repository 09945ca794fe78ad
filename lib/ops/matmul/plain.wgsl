// For products that end with C.
fn activate(i: u32, value: Vec) {}
