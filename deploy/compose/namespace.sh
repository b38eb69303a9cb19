#!/bin/sh
# The namespace with its retention and search attributes; once more changes nothing but the retention.
set -eu

left=60
until temporal operator cluster health >/dev/null 2>&1; do
    left=$((left - 1))
    if [ "$left" -eq 0 ]; then
        echo "Temporal does not answer at $TEMPORAL_ADDRESS" >&2
        exit 1
    fi
    sleep 1
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "${RETENTION_DAYS}d"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "${RETENTION_DAYS}d"
fi

# A new namespace reaches every part of the server within seconds.
left=30
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
    --name EscalationStatus --type Keyword \
    --name EscalationPriority --type Keyword \
    --name EscalationCategory --type Keyword \
    --name EscalationCustomer --type Keyword \
    --name EscalationOwner --type Keyword \
    --name EscalationPolicy --type Keyword \
    --name EscalationIncident --type Keyword \
    --name EscalationLevel --type Int \
    --name EscalationDueAt --type Datetime \
    --name EscalationBreached --type Bool \
    --name EscalationReasons --type KeywordList; do
    left=$((left - 1))
    if [ "$left" -eq 0 ]; then
        exit 1
    fi
    sleep 1
done
