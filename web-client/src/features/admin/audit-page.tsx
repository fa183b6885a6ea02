import { RefreshCw, ScrollText } from "lucide-react";

import { Button } from "../../ui/button";
import { Paged } from "../../ui/paged";
import { Card, Empty, Page } from "../../ui/surface";
import { AuditEntry } from "./audit/audit-entry";
import { AuditFilters } from "./audit/audit-filters";
import { useAudit, useFilters } from "./audit/use-audit";

/** Who did what, when and from where. Nobody can change it. */
export function AuditPage() {
  const [filters, setFilters] = useFilters();
  const query = useAudit(filters);
  const events = query.data?.pages.flatMap((page) => page.items) ?? [];
  const isNarrowed = Object.keys(filters).length > 0;
  return (
    <Page
      title="Audit trail"
      lead="Who did what, when and from where. Nobody can change it."
      width="wide"
      actions={
        <Button busy={query.isRefetching} onClick={() => void query.refetch()}>
          {!query.isRefetching && <RefreshCw aria-hidden />}
          Refresh
        </Button>
      }
    >
      <AuditFilters filters={filters} onChange={setFilters} events={events} />
      <Card flush>
        <Paged query={query} empty={<NoEntries isNarrowed={isNarrowed} onClear={() => setFilters({})} />}>
          {(entries) => (
            <ol aria-label="Entries">
              {entries.map((entry) => (
                <AuditEntry
                  key={entry.id}
                  entry={entry}
                  onNarrow={(more) => setFilters({ ...filters, ...more })}
                />
              ))}
            </ol>
          )}
        </Paged>
      </Card>
    </Page>
  );
}

function NoEntries({ isNarrowed, onClear }: { isNarrowed: boolean; onClear: () => void }) {
  return (
    <Empty icon={ScrollText} title="No entries">
      {isNarrowed ? (
        <>
          <p role="status">Nothing in the trail fits all of these filters.</p>
          <Button onClick={onClear}>Show all</Button>
        </>
      ) : (
        <p>Nothing has happened yet.</p>
      )}
    </Empty>
  );
}
