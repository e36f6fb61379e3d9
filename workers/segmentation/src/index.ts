// The Worker that knows the members: cron hands each tenant to a queue, whose consumer works on it for a slice of time.
import { WorkerEntrypoint } from "cloudflare:workers";
import type { AffinityFound, AffinityWish, NextItem } from "@regulars/contracts/affinity";
import type { Asked, InsightContext, RunReport, SegmentationRpc } from "@regulars/contracts/segmentation-rpc";
import type { SegmentExplanation, SegmentNode, SegmentPreview } from "@regulars/contracts/segments";
import { affinityOf } from "./affinity-asked.ts";
import { recommendFor } from "./affinity-recommend.ts";
import { explainSegment } from "./explain.ts";
import { previewSegment } from "./preview.ts";
import { runTenant, type RunWish } from "./run.ts";
import { askRuns, readRunMessage } from "./run-messages.ts";

/** What the console asks. */
export class Segmentation extends WorkerEntrypoint<Env> implements SegmentationRpc {
  run(context: InsightContext, wish: RunWish = {}): Promise<RunReport> {
    return runTenant(this.env, context, wish);
  }

  preview(context: InsightContext, definition: SegmentNode, sample: number): Promise<Asked<SegmentPreview>> {
    return previewSegment(this.env, context, definition, sample);
  }

  explain(
    context: InsightContext,
    segmentId: string,
    memberId: string,
    language: "zh-TW" | "zh-CN" | "en",
  ): Promise<Asked<SegmentExplanation>> {
    return explainSegment(this.env, context, { segmentId, memberId, language });
  }

  affinity(context: InsightContext, wish: AffinityWish): Promise<Asked<AffinityFound>> {
    return affinityOf(this.env, context, wish);
  }

  recommend(context: InsightContext, memberId: string, limit: number): Promise<Asked<readonly NextItem[]>> {
    return recommendFor(this.env, context, memberId, limit);
  }
}

export default {
  async scheduled(controller, env) {
    await askRuns(env, controller.scheduledTime);
  },
  async queue(batch, env) {
    for (const message of batch.messages) {
      const context = readRunMessage(message.body);
      if (context !== null) {
        const { finished, ran } = await runTenant(env, context, { byCron: true });
        // What is left of a large tenant is another message, so that no invocation is long.
        if (ran && !finished) await env.SEGMENTATION_RUNS.send(message.body);
      }
      message.ack();
    }
  },
} satisfies ExportedHandler<Env>;
