{{ config(materialized='view') }}

{%- set measures = ['youth_org', 'venue', 'staff'] %}

with

comparisons as (
    select distinct
        later_period,
        earlier_period
    from {{ ref('int_trend__comparisons') }}
    where {{ changed_periods_filter('period') }}
),

streets as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street' and is_reported
),

baseline_parts as (
    select * from {{ ref('int_trend__baseline_parts') }}
),

profiles as (
    select * from {{ ref('fct_profile') }}
),

things as (
    select * from {{ ref('int_trend__street_things') }}
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

-- What a street is compared with: itself, or all that it was before a change of its code or a merger.
paired as (
    select
        later.unit_code as street_code,
        later.period as later_period,
        comparisons.earlier_period,
        coalesce(baseline_parts.part_code, later.unit_code) as part_code,
        coalesce(baseline_parts.has_baseline, true) as has_baseline
    from comparisons
    inner join streets as later on comparisons.later_period = later.period
    left join baseline_parts
        on
            later.unit_code = baseline_parts.unit_code
            and comparisons.later_period = baseline_parts.later_period
            and comparisons.earlier_period = baseline_parts.earlier_period
),

known_parts as (
    select
        paired.street_code,
        paired.later_period,
        paired.earlier_period,
        paired.part_code,
        min(case when paired.has_baseline and earlier.unit_code is not null then 1 else 0 end) over (
            partition by paired.street_code, paired.later_period, paired.earlier_period
        ) as is_whole
    from paired
    left join streets as earlier
        on
            paired.earlier_period = earlier.period
            and paired.part_code = earlier.unit_code
),

-- Like is compared with like: streets that reported both quarters, each of which had the whole baseline.
earlier_side as (
    select
        tree.ancestor_code as unit_code,
        known_parts.later_period,
        known_parts.earlier_period,
        known_parts.part_code as street_code,
        known_parts.earlier_period as period
    from known_parts
    inner join tree on known_parts.street_code = tree.unit_code
    where known_parts.is_whole = 1
    group by tree.ancestor_code, known_parts.later_period, known_parts.earlier_period, known_parts.part_code
),

later_side as (
    select
        tree.ancestor_code as unit_code,
        known_parts.later_period,
        known_parts.earlier_period,
        known_parts.street_code,
        known_parts.later_period as period
    from known_parts
    inner join tree on known_parts.street_code = tree.unit_code
    where known_parts.is_whole = 1
    group by tree.ancestor_code, known_parts.later_period, known_parts.earlier_period, known_parts.street_code
),

{% for side in ['later', 'earlier'] %}
{{ side }}_known as (
    select
        {{ side }}_side.unit_code,
        {{ side }}_side.later_period,
        {{ side }}_side.earlier_period,
        count(*) as street_count,
        sum(coalesce(profiles.known_youth_org_count, 0)) as known_count
    from {{ side }}_side
    left join profiles
        on {{ side }}_side.street_code = profiles.unit_code and {{ side }}_side.period = profiles.period
    group by {{ side }}_side.unit_code, {{ side }}_side.later_period, {{ side }}_side.earlier_period
),

{{ side }}_counts as (
    select
        {{ side }}_side.unit_code,
        {{ side }}_side.later_period,
        {{ side }}_side.earlier_period,
        {%- for measure in measures %}
        count(distinct case when things.measure = '{{ measure }}' then things.thing_key end) as {{ measure }}_count
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ side }}_side
    inner join things
        on {{ side }}_side.street_code = things.street_code and {{ side }}_side.period = things.period
    group by {{ side }}_side.unit_code, {{ side }}_side.later_period, {{ side }}_side.earlier_period
),

{% endfor %}
final as (
    select
        later_known.unit_code,
        later_known.later_period,
        later_known.earlier_period,
        later_known.street_count,
        {%- for side in ['later', 'earlier'] %}
        -- Nobody knows fewer organisations than it reaches.
        greatest({{ side }}_known.known_count, coalesce({{ side }}_counts.youth_org_count, 0)) as {{ side }}_known_count,
        {%- for measure in measures %}
        coalesce({{ side }}_counts.{{ measure }}_count, 0) as {{ side }}_{{ measure }}_count
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from later_known
    inner join earlier_known
        on
            later_known.unit_code = earlier_known.unit_code
            and later_known.later_period = earlier_known.later_period
            and later_known.earlier_period = earlier_known.earlier_period
    {%- for side in ['later', 'earlier'] %}
    left join {{ side }}_counts
        on
            later_known.unit_code = {{ side }}_counts.unit_code
            and later_known.later_period = {{ side }}_counts.later_period
            and later_known.earlier_period = {{ side }}_counts.earlier_period
    {%- endfor %}
)

select * from final
