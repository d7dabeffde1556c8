{#- A decimal with 3 places as a whole number of thousandths. -#}
{% macro thousandths(value) -%}
    cast(cast({{ value }} as decimal(18, 3)) * 1000 as bigint)
{%- endmacro %}

{#- As half_up, for a numerator that may be below 0: halves are rounded away from 0 there, as a clerk would. -#}
{% macro half_up_signed(numerator, denominator) -%}
    case
        when {{ numerator }} < 0 then -{{ half_up('-(' ~ numerator ~ ')', denominator) }}
        else {{ half_up(numerator, denominator) }}
    end
{%- endmacro %}

{#- `value` kept between two limits, each of which may be missing. -#}
{% macro clipped(value, lowest, highest) -%}
    {%- set below_highest = 'least(' ~ value ~ ', coalesce(' ~ highest ~ ', ' ~ value ~ '))' -%}
    case
        when {{ value }} is not null
            then greatest({{ below_highest }}, coalesce({{ lowest }}, {{ below_highest }}))
    end
{%- endmacro %}

{#-
  The score of a unit from the sums over its groups, in thousandths of a point: what it earned of what it could earn,
  brought to the total of the paper, and what stands outside of the total. Empty when nothing counts.
-#}
{% macro total_score(total, earned, available, extra) -%}
    case
        when {{ available }} > 0 then {{ half_up_signed(total ~ ' * ' ~ earned, available) }} + {{ extra }}
        when {{ available }} = 0 then {{ extra }}
    end
{%- endmacro %}

{#- The facts whose rows a score item may count by a code; every one has unit_code and period. -#}
{% macro counted_facts() %}
    {% do return([
        'fct_activity',
        'fct_award_opinion',
        'fct_chair_term',
        'fct_committee',
        'fct_course',
        'fct_document',
        'fct_field_visit',
        'fct_funding_allocated',
        'fct_funding_received',
        'fct_leader',
        'fct_leader_link',
        'fct_meeting',
        'fct_member_unit',
        'fct_pairing',
        'fct_project',
        'fct_proposal',
        'fct_sector_standard',
        'fct_staff_post',
        'fct_street_class',
        'fct_training',
        'fct_venue',
        'fct_youth_org',
    ]) %}
{% endmacro %}

{#-
  What the score items ask of facts: fact, column of the code, flag, and whether all of them are there. The rule book is
  asked while the model runs, so that a new item needs no change here; all facts are named whatever is asked, so that
  dbt knows the dependencies when it has only parsed the project.
-#}
{% macro wanted_counts() -%}
    {%- set relations = {} -%}
    {%- for fact in counted_facts() -%}
        {%- do relations.update({fact: ref(fact)}) -%}
    {%- endfor -%}
    {%- set items = ref('score_items') -%}
    {%- set wanted = [] -%}
    {%- if execute -%}
        {%- set query -%}
            select distinct
                coalesce(reads_code, '') as reads_code,
                coalesce(kind_column, '') as kind_column,
                coalesce(flag_column, '') as flag_column
            from {{ items }}
            where reads = 'fact'
            order by reads_code, kind_column, flag_column
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- set relation = relations.get(row[0]) -%}
            {%- set types = {} -%}
            {%- for column in (adapter.get_columns_in_relation(relation) if relation else []) -%}
                {%- do types.update({column.name: column.dtype | lower}) -%}
            {%- endfor -%}
            {%- do wanted.append({
                'relation': relation, 'fact': row[0], 'kind_column': row[1], 'flag_column': row[2],
                'is_there': types != {} and (not row[1] or row[1] in types) and (not row[2] or types.get(row[2]) == 'boolean'),
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {% do return(wanted) %}
{%- endmacro %}

{#- Rows of facts by unit, period and code, for each (fact, column of the code, flag) that a score item names. -#}
{% macro counts_of_facts() -%}
    {%- for one in wanted_counts() if one.is_there %}
    select
        '{{ one.fact }}' as fact_name,
        '{{ one.kind_column }}' as kind_column,
        '{{ one.flag_column }}' as flag_column,
        unit_code,
        period,
        {% if one.kind_column -%}
            cast({{ adapter.quote(one.kind_column) }} as string)
        {%- else -%}
            cast(null as string)
        {%- endif %} as kind_value,
        count(*) as row_count
    from {{ one.relation }}
    {% if one.flag_column -%}
    where {{ adapter.quote(one.flag_column) }}
    {% endif -%}
    group by unit_code, period{% if one.kind_column %}, {{ adapter.quote(one.kind_column) }}{% endif %}
    union all
    {%- endfor %}
    select
        cast(null as string) as fact_name,
        cast(null as string) as kind_column,
        cast(null as string) as flag_column,
        cast(null as string) as unit_code,
        cast(null as string) as period,
        cast(null as string) as kind_value,
        cast(0 as bigint) as row_count
    where 1 = 0
{%- endmacro %}

{#- What score items ask of facts and is not there, as a relation: fact, column of the code, flag. -#}
{% macro counts_that_are_not_there() -%}
    {%- for one in wanted_counts() if not one.is_there %}
    select
        '{{ one.fact | replace("'", "''") }}' as fact_name,
        '{{ one.kind_column | replace("'", "''") }}' as kind_column,
        '{{ one.flag_column | replace("'", "''") }}' as flag_column
    union all
    {%- endfor %}
    select
        cast(null as string) as fact_name,
        cast(null as string) as kind_column,
        cast(null as string) as flag_column
    where 1 = 0
{%- endmacro %}

{#- The closed lists of words in score_items; a column that may stay empty has an empty word among them. -#}
{% macro score_item_words() %}
    {% do return({
        'score_kind': ['own', 'superior', 'member_unit'],
        'reads': ['rule', 'indicator', 'fact', 'report', 'record', 'nothing'],
        'method': [
            'attainment', 'pass_fail', 'tiered', 'range', 'per_unit', 'by_kind', 'deduction', 'veto',
        ],
        'counts_as': ['base', 'extra'],
        'counted': [
            '', 'value', 'missing', 'excess', 'outside', 'fails', 'passes', 'not_evaluated', 'rank', 'rank_pct',
            'low_rank', 'low_rank_pct',
        ],
        'unit_rounding': ['', 'whole', 'begun', 'pro_rata'],
        'direction': ['', 'at_least', 'at_most'],
        'interpolation': ['', 'step', 'linear'],
        'over_periods': ['', 'latest', 'sum', 'min', 'max', 'mean'],
        'over_subjects': ['', 'sum', 'min', 'max', 'mean'],
        'na_policy': ['', 'rescale', 'leave', 'full', 'zero'],
        'veto_effect': ['', 'zero_score', 'zero_group', 'band'],
    }) %}
{% endmacro %}

{#- Rows of score_items with a word that is in none of the closed lists, as paper_code, item_code, gap. -#}
{% macro unknown_score_item_words(items) -%}
    {%- for column, words in score_item_words().items() %}
    select
        paper_code,
        item_code,
        concat('score_items.csv, {{ column }}: it is ', coalesce({{ column }}, 'empty'), ', none of {{ words | select | join(", ") }}') as gap
    from {{ items }}
    where coalesce({{ column }}, '') not in ('{{ words | join("', '") }}')
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
