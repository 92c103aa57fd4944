"""The training loop: updates, many by one call of a kernel or one by one, and evaluations between them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core import registry
from core.batch import Batch
from core.draws import Draws
from core.fast_training import REASONS, Descent, FastTraining, is_covered, make_results
from core.kernels.training_kernel import Results
from core.network import Network
from core.objective import Objective, WeightDecay
from core.optimizer import add_weight_decay, clip_by_norm, clip_by_value, decay_weights
from core.optimizer_state import OptimizerState
from core.probe import PROBE_SIZE
from core.run_recording import RunRecording
from core.schedules import learning_rate_at, learning_rates
from core.settings import Settings
from core.snapshot import Divergence, Evaluation
from core.task import Task
from core.training_time import TrainingTime

HELD_OUT_SIZE = 128
EVALUATE_EVERY = 50
RECENT = 100
# Numbers that grow beyond all bounds are looked for in every update; NumPy's warnings of them would only say it twice.
overflow_is_caught = np.errstate(over="ignore", invalid="ignore")


class TrainingLoop:
    """Trains one network on one task, from weights that are all 0 yet.

    Parameters
    ----------
    settings : what to train
    engine : "kernels", or "numpy" for the readable and slow twin
    vocabulary : what the task must know where the user's file is gone
    task : that of ``settings``, as it was made before; left out: made anew

    Raises
    ------
    InputError
        Where the task's file can't be used.
    """

    def __init__(self, settings: Settings, engine: str, vocabulary: Mapping[str, Any] | None, task: Task | None = None) -> None:
        self.settings = settings
        self.engine = engine
        self.task: Task = task or registry.tasks()[settings.task.name](settings.task.fields, vocabulary)
        self._batches: dict[int, Batch] = {}
        self.network = Network(settings.network, self.task, settings.training.dtype, engine)
        self.divergence: Divergence | None = None
        self.step_count = 0
        self.gradient_norm = 0.0
        self.solved_at: int | None = None
        self.time = TrainingTime()
        self.recording = RunRecording()
        self.draws = Draws(settings.training, self.task)
        self._set_optimizer(settings.training.optimizer)
        self._fast: FastTraining | None = None
        self._gradient = np.zeros_like(self.network.flat)

    @property
    def losses(self) -> np.ndarray:
        """Loss of every update so far, (step_count,) and one more where the last one diverged."""
        return np.array(self.recording.losses)

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """All evaluations so far."""
        return tuple(self.recording.evaluations)

    @property
    def probe_batch(self) -> Batch:
        """The held-out sequences that traces look at."""
        return self._held_out(PROBE_SIZE)

    @property
    def held_out_batch(self) -> Batch:
        """The held-out sequences that evaluations are made on."""
        return self._held_out(HELD_OUT_SIZE)

    @property
    def recent_loss(self) -> float:
        """Mean training loss of the last 100 updates; NaN before the first."""
        return float(np.mean(self.recording.losses[-RECENT:])) if self.recording.losses else float("nan")

    @overflow_is_caught
    def train(self, count: int) -> np.ndarray:
        """Do ``count`` updates; fewer where the run diverges.

        Returns
        -------
        losses : (count,) float64, the mean loss of each update's batch before the update
        """
        first, wanted = len(self.recording.losses), self.step_count + count
        with self.time.counting(self):
            while self.step_count < wanted and self.divergence is None:
                if self._is_fast:
                    self._update_many(wanted - self.step_count)
                else:
                    self._update()
        return np.array(self.recording.losses[first:])

    def train_to(self, step: int) -> None:
        """Train up to update ``step`` and evaluate at every multiple of EVALUATE_EVERY on the way, wherever one stops between."""
        while self.step_count < step and self.divergence is None:
            due = (self.step_count // EVALUATE_EVERY + 1) * EVALUATE_EVERY
            self.train(min(due, step) - self.step_count)
            if self.step_count == due:
                self.evaluate()

    @property
    def _is_fast(self) -> bool:
        """Whether one kernel does it all."""
        settings = self.settings
        return self.engine == "kernels" and is_covered(self.network.layout, settings.network, settings.training, self._optimizer.rule)

    def _update_many(self, count: int) -> None:
        """At most ``count`` updates by one call of the kernel: as many as there are batches left in the present chunk."""
        training = self.settings.training
        optimizer = self._optimizer
        descent = Descent(optimizer.rule, self.network.flat, optimizer.slots, optimizer.backup, self.step_count, optimizer.count)
        chunk, first = self.draws.source.chunk(), self.draws.source.position
        if self._fast is None:
            self._fast = FastTraining(self.network.layout, self.network.loss_spec, training.batch_size, self.network.dtype)
        wanted = min(count, chunk.updates - first)
        results = make_results(chunk.updates)
        try:
            self._fast.run(chunk, first, wanted, descent, training, results)
        finally:
            # Ctrl+C shows up when the call ends, and what has been done is done.
            self._note(first, results)

    def _note(self, first: int, results: Results) -> None:
        """Keep what updates from batch ``first`` of the chunk on have left behind."""
        done, reason = results.end.tolist()
        last = first + done
        rates = learning_rates(self.settings.training, self.step_count + 1, done)
        self.recording.updates.add(results.norms[first:last], results.clipped_norms[first:last], rates)
        if done or reason:
            self._optimizer.is_move_known = not reason
        tried = first + done + bool(reason)
        if tried > first:
            self.recording.losses.extend(results.losses[first:tried].tolist())
            self.gradient_norm = float(results.norms[tried - 1])
        self.recording.clipped_count += int(results.is_clipped[first : first + done].sum())
        self.draws.source.position += done
        self._optimizer.count += done
        self.step_count += done
        if reason:
            self.divergence = Divergence(self.step_count + 1, REASONS[reason])

    def _update(self) -> None:
        training = self.settings.training
        engine, flat = self.network.engine, self.network.flat
        states_before = self.draws.states_before_update(training)
        batch = self.draws.batch(training, self.task)
        dropout = self.draws.dropout(self.network, self.settings.network.dropout, batch)
        states = self.draws.states_for(batch)
        truncate: int = training.truncate
        is_taught: np.ndarray | None = None
        if self._optimizer.rule.is_second_order:
            truncate = 0
        else:
            is_taught = self.draws.teaching(self.network, training.teacher_forcing, batch)
        loss = engine.loss_and_gradient(flat, batch, self._gradient, dropout, truncate, is_taught, states)
        final_states = None if batch.continues is None else engine.final_states()
        self.recording.losses.append(loss)
        self._optimizer.is_move_known = False
        self.gradient_norm = engine.norm(self._gradient)
        if not np.isfinite(loss) or not np.isfinite(self.gradient_norm):
            self._diverge("the loss" if not np.isfinite(loss) else "the gradient", states_before)
            return
        self._optimizer.back_up(flat)
        is_clipped, clipped_norm = False, self.gradient_norm
        if self._optimizer.rule.is_second_order:
            self._improve(batch, dropout, states, loss)
        else:
            is_clipped, clipped_norm = self._descend()
        are_weights_finite = np.isfinite(engine.norm(flat))
        if not are_weights_finite or not np.isfinite(engine.norm(self._optimizer.slots.reshape(-1))):
            self._optimizer.take_back(flat)
            self._diverge("the optimizer's moments" if are_weights_finite else "the weights", states_before)
            return
        self.draws.note_used(batch, final_states)
        self.recording.clipped_count += is_clipped
        self._optimizer.count += 1
        self.step_count += 1
        rate = learning_rate_at(training, self.step_count) if self._optimizer.rule.uses_learning_rate else np.nan
        self.recording.updates.add(np.array([self.gradient_norm]), np.array([clipped_norm]), np.array([rate]))
        self._optimizer.is_move_known = True

    def _descend(self) -> tuple[bool, float]:
        """Clip, decay and move by the gradient; returns whether it was clipped, and its norm then."""
        training, flat = self.settings.training, self.network.flat
        engine, optimizer = self.network.engine, self._optimizer.rule
        is_clipped = clip_by_value(self._gradient, training.clip_value)
        norm = engine.norm(self._gradient) if is_clipped else self.gradient_norm
        if clip_by_norm(self._gradient, norm, training.clip_norm):
            is_clipped, norm = True, float(training.clip_norm)
        learning_rate = learning_rate_at(training, self.step_count + 1)
        if optimizer.decouples_weight_decay:
            decay_weights(flat, learning_rate, training.weight_decay)
        else:
            add_weight_decay(self._gradient, flat, training.weight_decay)
        engine.update(optimizer, flat, self._gradient, self._optimizer.slots, self._optimizer.count + 1, learning_rate)
        return is_clipped, norm

    def _improve(self, batch: Batch, dropout: tuple[np.ndarray, ...], states: np.ndarray | None, loss: float) -> None:
        """Let a second-order optimizer look around on this batch and move; the penalty of weight decay is part of what it sees."""
        training, flat = self.settings.training, self.network.flat
        objective: Objective = self.network.objective(batch, dropout, states)
        if training.weight_decay > 0:
            decayed = WeightDecay(objective, training.weight_decay)
            loss += decayed.penalty(flat)
            add_weight_decay(self._gradient, flat, training.weight_decay)
            objective = decayed
        optimizer = self._optimizer
        optimizer.rule.improve(objective, flat, loss, self._gradient, optimizer.slots, optimizer.memory)

    def _diverge(self, what: str, states_before: dict[str, Any]) -> None:
        """Note it, and put the random numbers back: nothing is left of the update, so that a replay need not diverge too."""
        self.divergence = Divergence(self.step_count + 1, what)
        self.draws.take_back(states_before)

    @overflow_is_caught
    def evaluate(self) -> Evaluation:
        """Loss and metric on held-out sequences, remembered; the first that meets the task's criterion sets ``solved_at``.

        Where the answers are beyond all bounds, though the weights are not, the run has diverged, and nothing is remembered.
        """
        batch = self._held_out(HELD_OUT_SIZE)
        loss, answers = self.network.loss_and_answers(batch)
        metric = self.task.measure(answers, batch)
        evaluation = Evaluation(self.step_count, loss, metric, self.task.is_solved(loss, metric))
        if not np.isfinite(loss):
            self.divergence = Divergence(self.step_count, "the held-out loss")
            return evaluation
        self.recording.evaluations.append(evaluation)
        if evaluation.is_solved and self.solved_at is None:
            self.solved_at = self.step_count
            self.time.note_solved()
        return evaluation

    def _set_optimizer(self, name: str) -> None:
        self._optimizer = OptimizerState(name, self.network.flat.size, self.network.dtype)

    def _set_network(self, network: Network) -> None:
        self.network = network
        self._gradient, self._fast = np.zeros_like(network.flat), None

    def _take_task(self, task: Task) -> None:
        """Train on ``task`` from now on; where its data can't be used nothing is changed."""
        batches = {count: task.held_out(count) for count in (HELD_OUT_SIZE, PROBE_SIZE)}
        self.task, self._batches = task, batches

    def _held_out(self, count: int) -> Batch:
        """Held-out sequences, drawn when first asked for: a session can answer where its file is gone."""
        if count not in self._batches:
            self._batches[count] = self.task.held_out(count)
        return self._batches[count]
