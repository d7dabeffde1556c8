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
  Rows of facts by unit, period and code, for each (fact, column of the code, flag) that a score item names. The rule
  book is asked while the model runs, so that a new item needs no change here; all facts are named whatever is asked,
  so that dbt knows the dependencies when it has only parsed the project.
-#}
{% macro counts_of_facts() -%}
    {%- set relations = {} -%}
    {%- for fact in counted_facts() -%}
        {%- do relations.update({fact: ref(fact)}) -%}
    {%- endfor -%}
    {%- set items = ref('score_items') -%}
    {%- set wanted = [] -%}
    {%- if execute -%}
        {%- set query -%}
            select distinct
                reads_code,
                coalesce(kind_column, '') as kind_column,
                coalesce(flag_column, '') as flag_column
            from {{ items }}
            where reads = 'fact'
            order by reads_code, kind_column, flag_column
        {%- endset -%}
        {%- set wanted = run_query(query).rows -%}
    {%- endif -%}
    {%- for row in wanted %}
    select
        '{{ row[0] }}' as fact_name,
        '{{ row[1] }}' as kind_column,
        '{{ row[2] }}' as flag_column,
        unit_code,
        period,
        {% if row[1] %}cast({{ adapter.quote(row[1]) }} as string){% else %}cast(null as string){% endif %} as kind_value,
        count(*) as row_count
    from {{ relations[row[0]] }}
    {% if row[2] -%}
    where {{ adapter.quote(row[2]) }}
    {% endif -%}
    group by unit_code, period{% if row[1] %}, {{ adapter.quote(row[1]) }}{% endif %}
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
