/* Adjoints written by hand, to be compared with what symdiff generates. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALONE __attribute__((noinline, noclone))

ALONE void two_inputs_grad(double x, double y, double *x_bar, double *y_bar)
{
    double a = x * y + sin(x), bump = exp(-a * a), b = bump + y * y;
    double ratio = a / b, c = ratio - log(b), root = sqrt(c * c + 1.0), d = root * x;
    double t = tanh(d - a), e = t * b, left = e + c, right = e - y, r = 1.0 + d * d;
    double g = left * right / r, cosine = cos(g), ex = e * x;
    double h_bar = 2.0 * (cosine * a + atan(ex)), k = h_bar / (1.0 + ex * ex);
    double w = (b - h_bar * a * sin(g)) / r, left_bar = w * right, right_bar = w * left;
    double e_bar = k * x + left_bar + right_bar, u = e_bar * b * (1.0 - t * t);
    double d_bar = u - 2.0 * w * g * d, v = (left_bar - 3.0 + d_bar * x * c / root) / b;
    double b_bar = g + e_bar * t - v * (ratio + 1.0);
    double a_bar = h_bar * cosine - u + v - 2.0 * b_bar * bump * a;
    *x_bar = k * e + d_bar * root + a_bar * (y + cos(x));
    *y_bar = 2.0 * b_bar * y - right_bar + a_bar * x;
}

ALONE void pendulum_grad(double theta, double omega, double k, double c, double dt, long steps,
                   double *bars)
{
    double *thetas = malloc(3 * steps * sizeof *thetas);
    double *omegas = thetas + steps, *sines = omegas + steps;
    for (long i = 0; i < steps; i++) {
        double s = sin(theta), alpha = -k * s - c * omega;
        thetas[i] = theta;
        omegas[i] = omega;
        sines[i] = s;
        theta += dt * omega;
        omega += dt * alpha;
    }
    double theta_bar = 2.0 * theta, omega_bar = 0.0, k_bar = 0.0, c_bar = 0.0;
    for (long i = steps - 1; i >= 0; i--) {
        double alpha_bar = dt * omega_bar;
        k_bar -= alpha_bar * sines[i];
        c_bar -= alpha_bar * omegas[i];
        omega_bar += dt * theta_bar - c * alpha_bar;
        theta_bar -= alpha_bar * k * cos(thetas[i]);
    }
    free(thetas);
    bars[0] = theta_bar;
    bars[1] = omega_bar;
    bars[2] = k_bar;
    bars[3] = c_bar;
}

ALONE void roots_grad(const double *a, long n, double tolerance, double *a_bar)
{
    long room = 64, used = 0, *ends = malloc((n + 1) * sizeof *ends);
    double *tape = malloc(room * sizeof *tape);
    ends[0] = 0;
    for (long i = 0; i < n; i++) {
        double y = a[i];
        while (fabs(y * y - a[i]) > tolerance) {
            if (used == room)
                tape = realloc(tape, (room *= 2) * sizeof *tape);
            tape[used++] = y;
            y = 0.5 * (y + a[i] / y);
        }
        ends[i + 1] = used;
    }
    for (long i = 0; i < n; i++) {
        double y_bar = 1.0, bar = 0.0;
        for (long k = ends[i + 1] - 1; k >= ends[i]; k--) {
            double y = tape[k], t = 0.5 * y_bar;
            bar += t / y;
            y_bar = t - t * a[i] / (y * y);
        }
        a_bar[i] = bar + y_bar;
    }
    free(tape);
    free(ends);
}

ALONE void burgers_grad(const double *u0, const double *observed, long n, double dt, double dx,
                  double nu, long steps, double *u_bar)
{
    double r = dt / dx, k = nu * dt / (dx * dx), diagonal = 1 - 2 * k;
    double *states = malloc((steps + 1) * n * sizeof *states), *v = malloc(n * sizeof *v);
    memcpy(states, u0, n * sizeof *u0);
    for (long i = 0; i < steps; i++) {
        const double *restrict u = states + i * n;
        double *restrict next = states + (i + 1) * n;
        next[0] = u[0];
        next[n - 1] = u[n - 1];
        for (long j = 1; j < n - 1; j++)
            next[j] = u[j] * (diagonal - r * (u[j] - u[j - 1])) + k * (u[j + 1] + u[j - 1]);
    }
    for (long j = 0; j < n; j++)
        u_bar[j] = states[steps * n + j] - observed[j];
    for (long i = steps - 1; i >= 0; i--) {
        const double *restrict u = states + i * n;
        memcpy(v, u_bar, n * sizeof *v);
        for (long j = 1; j < n - 1; j++)
            u_bar[j] = v[j] * (diagonal - r * (2 * u[j] - u[j - 1]));
        for (long j = 2; j < n; j++)
            u_bar[j] += k * v[j - 1] * (j - 1 < n - 1);
        for (long j = 0; j < n - 2; j++)
            u_bar[j] += v[j + 1] * (r * u[j + 1] + k);
    }
    free(states);
    free(v);
}

/* The residual of one observation: rotation, centre, focal length, principal point, radial
   distortion; the point; a weight. The adjoint of both coordinates at once. */
ALONE void bundle_grad(const double *cam, const double *point, double w, const double *seen,
                 const double *bar, double *cam_bar, double *point_bar, double *w_bar)
{
    double p[3], x[3], cross[3];
    for (int i = 0; i < 3; i++)
        p[i] = point[i] - cam[3 + i];
    double square = cam[0] * cam[0] + cam[1] * cam[1] + cam[2] * cam[2];
    double theta = sqrt(square), cosine = cos(theta), sine = sin(theta), inv = 1.0 / theta;
    double axis[3] = {cam[0] * inv, cam[1] * inv, cam[2] * inv};
    double along = axis[0] * p[0] + axis[1] * p[1] + axis[2] * p[2];
    cross[0] = axis[1] * p[2] - axis[2] * p[1];
    cross[1] = axis[2] * p[0] - axis[0] * p[2];
    cross[2] = axis[0] * p[1] - axis[1] * p[0];
    double rest = along * (1.0 - cosine);
    for (int i = 0; i < 3; i++)
        x[i] = p[i] * cosine + cross[i] * sine + axis[i] * rest;
    double u = x[0] / x[2], v = x[1] / x[2], q = u * u + v * v;
    double l = 1.0 + cam[9] * q + cam[10] * q * q;
    double rx = u * l * cam[6] + cam[7] - seen[0], ry = v * l * cam[6] + cam[8] - seen[1];

    *w_bar = bar[0] * rx + bar[1] * ry;
    double px = w * bar[0], py = w * bar[1];
    cam_bar[7] = px;
    cam_bar[8] = py;
    cam_bar[6] = (px * u + py * v) * l;
    double l_bar = (px * u + py * v) * cam[6];
    cam_bar[9] = l_bar * q;
    cam_bar[10] = l_bar * q * q;
    double q_bar = l_bar * (cam[9] + 2.0 * cam[10] * q);
    double u_bar = px * l * cam[6] + 2.0 * u * q_bar;
    double v_bar = py * l * cam[6] + 2.0 * v * q_bar;
    double x_bar[3] = {u_bar / x[2], v_bar / x[2], -(u_bar * u + v_bar * v) / x[2]};

    double dot = x_bar[0] * axis[0] + x_bar[1] * axis[1] + x_bar[2] * axis[2];
    double along_bar = dot * (1.0 - cosine), sine_bar = 0.0, cosine_bar = -dot * along;
    double axis_bar[3], p_bar[3], c_bar[3];
    for (int i = 0; i < 3; i++) {
        cosine_bar += x_bar[i] * p[i];
        sine_bar += x_bar[i] * cross[i];
        c_bar[i] = x_bar[i] * sine;
        p_bar[i] = x_bar[i] * cosine + along_bar * axis[i];
        axis_bar[i] = x_bar[i] * rest + along_bar * p[i];
    }
    p_bar[0] += axis[2] * c_bar[1] - axis[1] * c_bar[2];
    p_bar[1] += axis[0] * c_bar[2] - axis[2] * c_bar[0];
    p_bar[2] += axis[1] * c_bar[0] - axis[0] * c_bar[1];
    axis_bar[0] += p[1] * c_bar[2] - p[2] * c_bar[1];
    axis_bar[1] += p[2] * c_bar[0] - p[0] * c_bar[2];
    axis_bar[2] += p[0] * c_bar[1] - p[1] * c_bar[0];
    double theta_bar = cosine * sine_bar - sine * cosine_bar;
    for (int i = 0; i < 3; i++)
        theta_bar -= axis_bar[i] * axis[i] * inv;
    for (int i = 0; i < 3; i++) {
        cam_bar[i] = axis_bar[i] * inv + theta_bar * axis[i];
        cam_bar[3 + i] = -p_bar[i];
        point_bar[i] = p_bar[i];
    }
}

/* Each many times: a call from Python would take longer than some of them. Arrays that a
   gradient returns are new ones in every call, as those of compiled Python are. */

void two_inputs_many(long count, double x, double y, double *x_bar, double *y_bar)
{
    for (long r = 0; r < count; r++)
        two_inputs_grad(x, y, x_bar, y_bar);
}

void pendulum_many(long count, double theta, double omega, double k, double c, double dt,
                   long steps, double *bars)
{
    for (long r = 0; r < count; r++)
        pendulum_grad(theta, omega, k, c, dt, steps, bars);
}

void roots_many(long count, const double *a, long n, double tolerance, double *a_bar)
{
    for (long r = 0; r < count; r++) {
        double *own = malloc(n * sizeof *own);
        roots_grad(a, n, tolerance, own);
        memcpy(a_bar, own, n * sizeof *own);
        free(own);
    }
}

void burgers_many(long count, const double *u0, const double *observed, long n, double dt,
                  double dx, double nu, long steps, double *u_bar)
{
    for (long r = 0; r < count; r++) {
        double *own = malloc(n * sizeof *own);
        burgers_grad(u0, observed, n, dt, dx, nu, steps, own);
        memcpy(u_bar, own, n * sizeof *own);
        free(own);
    }
}

void bundle_many(long count, const double *cam, const double *point, double w,
                 const double *seen, const double *bar, double *cam_bar, double *point_bar,
                 double *w_bar)
{
    for (long r = 0; r < count; r++) {
        double *own = malloc(11 * sizeof *own), *other = malloc(3 * sizeof *other);
        bundle_grad(cam, point, w, seen, bar, own, other, w_bar);
        memcpy(cam_bar, own, 11 * sizeof *own);
        memcpy(point_bar, other, 3 * sizeof *other);
        free(own);
        free(other);
    }
}
